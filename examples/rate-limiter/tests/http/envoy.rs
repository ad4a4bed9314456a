//! The limiter as Envoy asks it: gRPC over HTTP/2 without TLS, with tonic's own client.

use leeway_rate_limiter::envoy::SERVICE_PATH;
use leeway_rate_limiter::envoy::messages::{
    Code, Descriptor, Entry, RateLimitRequest, RateLimitResponse, UInt64Value, Unit,
};
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint};
use tonic_prost::ProstCodec;

use crate::running::{Running, tenant};

async fn channel(server: &Running) -> Grpc<Channel> {
    Grpc::new(Endpoint::from_shared(server.data.clone()).unwrap().connect().await.unwrap())
}

async fn ask(client: &mut Grpc<Channel>, request: RateLimitRequest) -> Result<RateLimitResponse, tonic::Status> {
    client.ready().await.unwrap();
    let codec = ProstCodec::<RateLimitRequest, RateLimitResponse>::default();
    let path = SERVICE_PATH.parse().unwrap();
    client.unary(tonic::Request::new(request), path, codec).await.map(tonic::Response::into_inner)
}

fn descriptor(entries: &[(&str, &str)]) -> Descriptor {
    let entry = |(key, value): &(&str, &str)| Entry { key: (*key).to_owned(), value: (*value).to_owned() };
    Descriptor { entries: entries.iter().map(entry).collect(), hits_addend: None, is_negative_hits: false }
}

fn request(descriptors: Vec<Descriptor>) -> RateLimitRequest {
    RateLimitRequest { domain: "shop".to_owned(), descriptors, hits_addend: 0 }
}

#[tokio::test]
async fn envoy_is_told_how_each_descriptor_stands() {
    let server = Running::start(vec![tenant("shop", 0.5, 2), tenant("acme", 100.0, 20)], None).await;
    let mut client = channel(&server).await;
    let address = descriptor(&[("remote_address", "10.0.0.1")]);
    let of_acme = descriptor(&[("tenant", "acme"), ("user", "u1")]);
    let both = || request(vec![address.clone(), of_acme.clone()]);
    for left in [1, 0] {
        let answer = ask(&mut client, both()).await.unwrap();
        assert_eq!(answer.overall_code(), Code::Ok);
        let [first, second] = answer.statuses.as_slice() else { panic!("two statuses") };
        assert_eq!((first.code(), first.limit_remaining), (Code::Ok, left));
        let limit = first.current_limit.as_ref().unwrap();
        assert_eq!((limit.requests_per_unit, limit.unit(), limit.name.as_str()), (30, Unit::Minute, "shop"));
        let limit = second.current_limit.as_ref().unwrap();
        assert_eq!((limit.requests_per_unit, limit.unit(), limit.name.as_str()), (100, Unit::Second, "acme"));
        assert!(second.duration_until_reset.unwrap().seconds >= 0);
        // The header is of the descriptor that leaves least.
        let header = answer.response_headers_to_add.iter().find(|header| header.key == "ratelimit").unwrap();
        assert!(header.value.starts_with(&format!(r#""shop";r={left}"#)), "{}", header.value);
    }
    let answer = ask(&mut client, both()).await.unwrap();
    assert_eq!(answer.overall_code(), Code::OverLimit);
    let codes: Vec<Code> = answer.statuses.iter().map(|status| status.code()).collect();
    assert_eq!(codes, [Code::OverLimit, Code::Ok]);
    assert!(answer.response_headers_to_add.iter().any(|header| header.key == "retry-after"));
    // Another address has a bucket of its own.
    let other = request(vec![descriptor(&[("remote_address", "10.0.0.2")])]);
    assert_eq!(ask(&mut client, other).await.unwrap().overall_code(), Code::Ok);
    assert_eq!(server.metric(r#"ratelimiter_requests_total{tenant="shop",result="refused"}"#).await, 1.0);
}

#[tokio::test]
async fn hits_are_tokens_and_what_is_wrong_takes_nothing() {
    let server = Running::start(vec![tenant("shop", 0.01, 10)], None).await;
    let mut client = channel(&server).await;
    let user = || descriptor(&[("user", "u1")]);
    for wrong in [
        request(vec![]),
        request(vec![user(), descriptor(&[])]),
        request(vec![user(), Descriptor { is_negative_hits: true, ..user() }]),
        request(vec![user(), Descriptor { hits_addend: Some(UInt64Value { value: 1 << 40 }), ..user() }]),
    ] {
        let status = ask(&mut client, wrong).await.unwrap_err();
        assert_eq!(status.code(), tonic::Code::InvalidArgument, "{status}");
    }
    let of_all = RateLimitRequest { hits_addend: 7, ..request(vec![user()]) };
    assert_eq!(ask(&mut client, of_all).await.unwrap().statuses[0].limit_remaining, 3);
    let of_one = request(vec![Descriptor { hits_addend: Some(UInt64Value { value: 3 }), ..user() }]);
    assert_eq!(ask(&mut client, of_one).await.unwrap().statuses[0].limit_remaining, 0);
    // More than the burst can never pass; Envoy knows only one way to say no.
    let beyond = RateLimitRequest { hits_addend: 11, ..request(vec![user()]) };
    assert_eq!(ask(&mut client, beyond).await.unwrap().overall_code(), Code::OverLimit);
    let large = request((0..20_000).map(|_| descriptor(&[("k", "0123456789")])).collect());
    assert!(ask(&mut client, large).await.is_err());
}

#[tokio::test]
async fn no_hits_ask_whether_a_token_is_left_and_take_none() {
    let server = Running::start(vec![tenant("shop", 0.01, 2)], None).await;
    let mut client = channel(&server).await;
    let user = || descriptor(&[("user", "u1")]);
    let none = || request(vec![Descriptor { hits_addend: Some(UInt64Value { value: 0 }), ..user() }]);
    for _ in 0..5 {
        assert_eq!(ask(&mut client, none()).await.unwrap().overall_code(), Code::Ok);
    }
    let both = RateLimitRequest { hits_addend: 2, ..request(vec![user()]) };
    assert_eq!(ask(&mut client, both).await.unwrap().overall_code(), Code::Ok);
    assert_eq!(ask(&mut client, none()).await.unwrap().overall_code(), Code::OverLimit);
}

#[tokio::test]
async fn a_name_of_any_length_is_limited_like_a_short_one() {
    let server = Running::start(vec![tenant("shop", 0.01, 1)], None).await;
    let mut client = channel(&server).await;
    let path = |last: &str| request(vec![descriptor(&[("path", &format!("/{}{last}", "ü".repeat(20_000)))])]);
    assert_eq!(ask(&mut client, path("a")).await.unwrap().overall_code(), Code::Ok);
    assert_eq!(ask(&mut client, path("a")).await.unwrap().overall_code(), Code::OverLimit);
    assert_eq!(ask(&mut client, path("b")).await.unwrap().overall_code(), Code::Ok);
    // A long tenant is nobody's, as a short unknown one is.
    let stranger = request(vec![descriptor(&[("tenant", &"t".repeat(300)), ("user", "u1")])]);
    let answer = ask(&mut client, stranger).await.unwrap();
    assert_eq!(answer.statuses[0].current_limit.as_ref().unwrap().name, "default");
}

#[tokio::test]
async fn the_headers_are_those_of_the_strictest_descriptor() {
    let server = Running::start(vec![tenant("shop", 0.1, 5), tenant("acme", 0.1, 2)], None).await;
    let mut client = channel(&server).await;
    let of_acme = Descriptor { hits_addend: Some(UInt64Value { value: 2 }), ..descriptor(&[("tenant", "acme")]) };
    let of_shop = Descriptor { hits_addend: Some(UInt64Value { value: 3 }), ..descriptor(&[("user", "u1")]) };
    ask(&mut client, request(vec![of_shop.clone()])).await.unwrap();
    // One passes and leaves nothing; the other holds two tokens, and refuses three.
    let answer = ask(&mut client, request(vec![of_acme, of_shop])).await.unwrap();
    let codes: Vec<Code> = answer.statuses.iter().map(|status| status.code()).collect();
    assert_eq!(codes, [Code::Ok, Code::OverLimit]);
    let header = |name: &str| answer.response_headers_to_add.iter().find(|header| header.key == name).unwrap();
    assert_eq!(header("retry-after").value, "10");
    assert!(header("ratelimit").value.starts_with(r#""shop";r=2"#), "{}", header("ratelimit").value);
}
