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
    Descriptor { entries: entries.iter().map(entry).collect(), hits_addend: None }
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
    let long = "v".repeat(300);
    for wrong in [
        request(vec![]),
        request(vec![user(), descriptor(&[])]),
        request(vec![user(), descriptor(&[("path", &long)])]),
        request(vec![user(), Descriptor { hits_addend: Some(UInt64Value { value: 0 }), ..user() }]),
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
    let large = request((0..2000).map(|_| descriptor(&[("k", "0123456789")])).collect());
    assert!(ask(&mut client, large).await.is_err());
}
