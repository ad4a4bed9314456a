use super::*;
const RATE_LIMITER: &str = include_str!("../../../blueprints/rate_limiter.leeway");
#[test]
fn dump() {
    let c = compile_text("blueprints/rate_limiter.leeway", RATE_LIMITER);
    for d in &c.diagnostics {
        println!("{:?} {:?} {}", c.sources.start(d.primary.span), d.code, d.message);
    }
    for p in &c.policies {
        println!("{}", serde_json::to_string_pretty(p).unwrap());
    }
}
