//! How long requests take where several servers serve one queue: M/M/c, in Sakasegawa's approximation.

/// How busy servers are at the most, a part of their time. At 1 a queue grows without end, and there is no time that a request takes;
/// what is busier counts as this, where with one server a request takes a hundred times as long as it is served.
pub(crate) const UTILISATION_MAX: f64 = 0.99;

/// The mean time from arrival to departure, in service times: 1 + ρ^(√(2(c+1)) − 1) / (c (1 − ρ)), with `utilisation` ρ a part of
/// one, at most [`UTILISATION_MAX`], and c `servers`. Nothing where there is no server, or something is less than none.
///
/// Source: H. Sakasegawa, "An approximation formula L_q ≃ α·ρ^β/(1−ρ)", Annals of the Institute of Statistical Mathematics 29
/// (1977), 67–75. Exact for one server.
pub(crate) fn time_in_system(utilisation: f64, servers: f64) -> Option<f64> {
    if utilisation.is_nan() || utilisation < 0.0 || servers.is_nan() || servers < 1.0 {
        return None;
    }
    let busy = utilisation.min(UTILISATION_MAX);
    let exponent = (2.0 * (servers + 1.0)).sqrt() - 1.0;
    Some(1.0 + busy.powf(exponent) / (servers * (1.0 - busy)))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use proptest::prelude::*;

    use super::*;

    /// The same by Erlang's formula, which is exact.
    fn exactly(utilisation: f64, servers: u32) -> f64 {
        let offered = utilisation * f64::from(servers);
        let blocked = (1..=servers).fold(1.0, |blocked, n| offered * blocked / (f64::from(n) + offered * blocked));
        let waiting = blocked / (1.0 - utilisation * (1.0 - blocked));
        1.0 + waiting / (f64::from(servers) * (1.0 - utilisation))
    }

    #[test]
    fn it_is_near_to_what_erlang_computed() {
        for servers in 1..=50 {
            for percent in 1..=99_u32 {
                let utilisation = f64::from(percent) / 100.0;
                let (near, exact) =
                    (time_in_system(utilisation, f64::from(servers)).unwrap(), exactly(utilisation, servers));
                assert!((near - exact).abs() <= 0.03 * exact, "{servers} at {percent}%: {near} for {exact}");
            }
        }
    }

    #[test]
    fn some_by_hand() {
        assert_eq!(time_in_system(0.5, 1.0), Some(2.0));
        assert_eq!(time_in_system(0.0, 3.0), Some(1.0));
        // One server: 1 / (1 - 0.75).
        assert_eq!(time_in_system(0.75, 1.0), Some(4.0));
        // Seven: √(2 · 8) − 1 = 3.
        assert_eq!(time_in_system(0.5, 7.0), Some(1.0 + 0.125 / 3.5));
    }

    #[test]
    fn without_servers_nothing_is_known() {
        for (utilisation, servers) in [(0.5, 0.0), (0.5, -1.0), (-0.1, 2.0), (f64::NAN, 2.0), (0.5, f64::NAN)] {
            assert_eq!(time_in_system(utilisation, servers), None);
        }
    }

    #[test]
    fn what_is_busier_than_all_the_time_counts_as_nearly_that() {
        let most = time_in_system(UTILISATION_MAX, 1.0).unwrap();
        assert!((most - 100.0).abs() < 1e-9, "{most}");
        assert_eq!(time_in_system(1.0, 1.0), Some(most));
        assert_eq!(time_in_system(f64::INFINITY, 1.0), Some(most));
    }

    proptest! {
        #[test]
        fn it_grows_with_utilisation_and_falls_with_servers(
            low in 0.01..0.98_f64,
            more in 0.005..0.01_f64,
            servers in 1..200_u32,
        ) {
            let (at, servers) = (|busy, servers| time_in_system(busy, servers).unwrap(), f64::from(servers));
            prop_assert!(at(low + more, servers) >= at(low, servers));
            prop_assert!(at(low, servers + 1.0) <= at(low, servers));
            // Strictly, wherever a double can tell.
            if at(low, servers + 1.0) > 1.0 + 1e-9 {
                prop_assert!(at(low + more, servers) > at(low, servers));
                prop_assert!(at(low, servers + 1.0) < at(low, servers));
            }
        }
    }
}
