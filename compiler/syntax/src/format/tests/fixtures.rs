//! How whole files are written.

use super::*;

#[test]
fn the_reference_looks_like_this() {
    insta::assert_snapshot!(formatted(FIXTURES[3]), @r#"
    use std.kubernetes
    use policies.baseline

    /// The storefront: Next.js behind the public ingress.
    blueprint frontend for kubernetes.deployment("shop/frontend") {
      version "1.4.0"
      owner "team-web"

      include baseline.irreversible()

      let floor = 2
      let ceiling = 5

      metric cpu: ratio = prometheus `
          sum(rate(container_cpu_usage_seconds_total{namespace="shop", pod=~"frontend-.*"}[2m]))
        / sum(kube_pod_container_resource_requests{namespace="shop", pod=~"frontend-.*", resource="cpu"})`
        every 15s stale 60s
      metric p95: duration = prometheus `histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{app="frontend"}[2m])))`
      metric errors: ratio = prometheus `sum(rate(http_requests_total{app="frontend",code=~"5.."}[2m])) / sum(rate(http_requests_total{app="frontend"}[2m]))`

      objective cpu in 50%..80%
      objective p95 <= 200ms
      objective errors <= 1%

      rule scale_out {
        when cpu > 80% for 2m and replicas < ceiling
        propose scale(to: replicas + 1)
        because "CPU is {cpu}, above 80% for two minutes"
      }
      rule scale_in {
        when max(cpu, 10m) < 30% and replicas > floor
        propose scale(to: replicas - 1)
      }
      rule revive {
        when any pod in pods: pod.crashed
        propose restart()
      }

      allow scale(to) when to in floor..ceiling else approve
      forbid scale(to) when to == 0
        because "zero replicas is an outage"
        suggest scale(to: floor)

      allow resize(cpu_request, memory_request)
        when cpu_request within 10% of current.cpu_request
          and memory_request within 10% of current.memory_request
        else approve
      forbid resize(memory_request, ..) when memory_request < 128Mi
        because "the app needs at least 128Mi"

      allow restart when max pod in pods: pod.restarts < 3 else approve
      approve rollback, set_strategy, set_probe
      allow configure(key, value) when key == "LOG_LEVEL" and value in ["debug", "info", "warn"]
      forbid delete, delete_pod, delete_volume, edit_secret, edit_network_policy, edit_rbac
        suggest restart()

      limit cooldown 60s after any
      limit breaker 3 failures
      limit at most 3 of disruptive per 10m
      limit drift replicas 4 per 1h
      limit freeze "Fri 16:00".."Mon 08:00" in "Europe/Berlin" except restart

      approval { by "sre-oncall" timeout 1h escalate "platform-leads" after 30m }

      verify scale {
        at 10s current.replicas == to
        within 60s ready == to
        within 5m cpu in 40%..90%
        hold 5m p95 <= 200ms
      } else rollback

      slo availability 99.9% over 30d {
        good = prometheus `sum(rate(http_requests_total{app="frontend",code!~"5.."}[1m]))`
        total = prometheus `sum(rate(http_requests_total{app="frontend"}[1m]))`
      }
      invariant spread: ready >= 2 because "one replica is no redundancy"

      test "the sixth replica needs a human" {
        given replicas = 5, cpu = 95% for 5m
        propose scale(to: 6)
        expect approve
      }
      test "a hot frontend grows by one" {
        given replicas = 2, ready = 2, cpu = 85% for 3m
        expect rule scale_out proposes scale(to: 3)
        expect allow
      }
    }
    "#);
}

#[test]
fn members_look_like_this() {
    insta::assert_snapshot!(formatted(FIXTURES[1]), @r#"
    // Every member, source, limit, given and expectation; tests take them apart.
    use policies.baseline
    use teams.web as web

    /// What nobody may do.
    policy irreversible() for any {
      forbid any when not action.reversible
        because "it cannot be undone"
        as irreversible
      autonomy approve
    }

    /// Room to grow.
    policy headroom(
      floor: count = 2,
      room: ratio = 20%,
      groups: list = ["sre", "web"],
      strict: bool = true,
      zone: text = "UTC",
      owner: text
    ) for kubernetes.deployment {
      needs metric cpu: ratio
      allow scale(to) when to >= floor and cpu < 100% - room
      approve any by owner
    }

    blueprint shop for kubernetes.deployment("shop/frontend") {
      version "1.0.0"
      owner "team-web"
      label "tier" = "web"
      include baseline.irreversible()
      include web.headroom(floor: 3, room: 10%, cpu: busy) as room

      let pace = 5m
      let people = "sre-oncall"
      let worst = max pod in pods: pod.restarts + 1
      let crashed = count pod in current.pods: pod.crashed

      metric busy: ratio = prometheus `sum(rate(cpu[2m])) / 4` every 15s stale 60s untrusted
      metric errors: ratio = prometheus "sum(errors)"
      metric queue: count = http_json "/stats" at "/queue/length" stale 30s
      metric nominal: rate = constant 100/s
      metric shares: ratio = scrape sum("busy") / sum("workers")
        untrusted responds busy * recorded(workers) / workers
      metric slow: duration = scrape mean("seconds", 1m)
        every 30s stale 2m responds if busy > 90%
          then queueing(busy, replicas) * 2
          else queueing(busy, replicas)
      metric cost: spend = prometheus `cost`

      objective busy in 50%..80%
      objective all pod in pods: pod.ready
      objective image starts_with "registry/" and image matches "v[0-9]+$"
        or not (image ends_with "latest")

      rule revive {
        when any pod in pods: pod.crashed
        propose restart()
      }

      allow restart when max pod in pods: pod.restarts < 3 else approve
      allow restart when (any pod in pods: pod.crashed) and (max pod in pods: pod.restarts) < 4
      approve scale(to)
        when count(scale, 1h) > 3 or since(disruptive) < pace or change(replicas, 1h) > 2
      forbid any when not during("Mon-Fri 09:00-17:00", "Europe/Berlin") and budget(availability) <= 0%
      forbid delete
        when quantile(0.95, busy, 5m) > 80% or forecast(busy, 10m) > 90%
        by people, "web"
        as deletion

      limit cooldown pace after any
      limit breaker 3 failures
      limit at most 3 of disruptive per 10m
      limit pace 2 of scale, resize per pace per actor
      limit drift replicas 4 per 1h
      limit drift memory_request 128Mi per pace
      limit budget cost of $450/month at 80%
      limit freeze "Fri 16:00".."Mon 08:00" in "Europe/Berlin" except restart, scale
      limit freeze start..end in zone

      approval {
        by "sre-oncall", people
        quorum 2
        timeout 1h
        escalate "platform-leads" after 30m
        notify "slack:#ops", "slack:#web"
      }
      approval { by people }
      autonomy act
      audit { retention 30d }

      verify scale(to) { within 60s ready == to } else rollback

      slo availability 99.9% over 30d {
        good = prometheus `sum(good)`
        total = prometheus `sum(total)`
      }
      slo latency 99% over 30d {
        good = scrape rate("good_total", 1m) stale pace
        total = scrape rate("total_total", 1m) every 30s stale 2m
        min events 100
        burn 14.4 1h 5m high
        burn 3 1d 2h medium
      }
      invariant spread: ready >= 2 because "one replica is no redundancy"
      invariant calm: busy < 90%

      test "everything that can be given" {
        given replicas = 5, busy = 95% for 5m, room.cpu = 1 + 2 * -3, errors missing, history missing,
          image = "a", strategy = recreate, ports = ["a", "b"]
        given pods = [{ name: "a", restarts: 4, crashed: true }, { name: "b" }], events = []
        given scale succeeded 5m ago, scale(to: 3) failed pace ago,
          actor agent "atlas" roles ["r", "s"], at "2026-01-02T03:04:05Z"
        given actor rule "revive", actor human "ann", owner "argo", claim busy >= 80% for 2m,
          claim room.cpu == 3, breaker open, target held, target killed
        propose scale(to: 6)
        expect approve
        expect forbid by "shop/forbid/deletion"
        expect rule revive proposes restart()
        expect allow
        expect rule room.grow silent
      }
      test "everything that can go on" {
        given busy = series "40% 90%+1%x9 _x2 95%-5%x3" every 15s, replicas = series "3x4" every pace
        propose scale(to: 6)
        at 1m expect rule revive silent
        within 2m expect rule revive proposes restart()
        never expect forbid by "shop/forbid/deletion"
        expect allow
      }
      test "the least there is" { expect rule revive silent }
    }
    "#);
}

#[test]
fn targets_look_like_this() {
    insta::assert_snapshot!(formatted(FIXTURES[0]), @r#"
    // Every construct of this version of the language; tests take it apart.
    use std.kubernetes
    use policies.baseline as base

    /// A Kubernetes Deployment.
    target kubernetes.deployment(name: text) {
      fact replicas: count  // desired, spec.replicas
      fact ready: count stale 30s
      fact limit: count

      /// Set the number of replicas.
      action scale(to: count) {
        effect replicas = to
        undo scale(to: current.replicas)
        risk low
      }
      action rollback(revision: count, limit: count) {
        effect revision = current.revision + 1
        effect ready = 0
        undo rollback(revision: current.revision)
        disruptive
        risk medium
        verify { within 10m ready == replicas }
      }
      action restart() { disruptive  undo nothing  risk low }
      action set_probe(probe: text) { undo receipt  verify { at 10s ready > 0  hold 5m ready > 0 } }
      action delete() { irreversible  risk high }
    }

    /// The storefront:
    /// Next.js behind the public ingress.
    blueprint frontend for kubernetes.deployment("shop/frontend") {
      version "1.4.0"
      owner "team-\"web\" \u{e9}"

      let floor = 2
      let ceiling = if floor > 1 then floor + 3 else 5
      let budget = -$450/month * 2 ?? $9/d

      metric load: ratio = scrape "cpu_load{mode=\"user\"}"
      metric busy: ratio = scrape sum("busy") / sum("workers") every 5s stale 20s
      metric traffic: rate = scrape rate("requests_total{code!~\"5..\"}", 1m) every 5s
      metric p95: duration = scrape quantile(0.95, `latency_seconds`, 1m) stale 90s
      metric mean_wait: duration = scrape mean("wait_seconds", 30s)

      objective load in 50%..80%
      objective p95 <= 200ms

      /// Grows it.
      rule scale_out {
        when load > 80% for 2m and replicas < ceiling
        propose scale(to: replicas + 1)
        because "CPU is {load}, \{really\}, above 80%"
      }
      rule calm { when not (busy > 10% or load > 10%) for hold  propose restart() }

      allow scale(to) when to in floor..ceiling else approve
      forbid scale(to) when to == 0
        because "zero replicas is an outage"
        suggest scale(to: floor)
        by "sre", "web"
        as zero
      approve rollback, set_probe, resize(cpu_request, ..), restart
      allow any
        when actor.kind == rule
          and actor.roles in ["sre", "web"]
          and action.risk == low
          and current.limit not in 1..3
      forbid disruptive when known(load) == false or max(load, 10m) * 100 / 3 - -2 >= 5.5
      allow resize(cpu_request)
        when cpu_request within 10% of current.cpu_request or during("Mon-Fri 09:00-17:00", "UTC")
        by "sre"

      limit cooldown 60s after any
      limit cooldown 5m after scale, restart
      limit breaker 3 failures

      verify scale(to), restart {
        at 10s current.replicas == to
        within 10s load within 5% of 40%
        within 60s ready == to
        hold 5m p95 <= 200ms
      } else rollback
      verify rollback { at 10s ready > 0 } else escalate
      verify any { at 10s ready > 0 } else nothing
    }
    "#);
}
