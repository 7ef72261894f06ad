//! Rate limits, by address or by person.
//!
//! A limit is added to a route with one line, `.wrap(from_fn(limits::lookups))`. Above the limit it
//! responds instead of the handler: nothing is read or changed.

use super::asker::Asker as Signed;
use super::{Failure, client_address};
use crate::clock::Clock;
use crate::config::LimitsConfig;
use crate::texts::text;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, web};
use chrono::{DateTime, Utc};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// The maximum number of senders tracked one by one; further ones are counted in groups.
const MAX_ASKERS: usize = 50_000;
/// The minimum interval between removals of inactive senders, in seconds.
const SWEEP_EVERY_S: i64 = 30;

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Sign-ins started, by address.
    SignIns,
    /// Responses of the provider to the callback, by address.
    Callbacks,
    /// Back-channel sign-outs, by address.
    Backchannel,
    /// Lists, by person.
    Lists,
    /// Pick lists and the global search, by person.
    Lookups,
    /// Exports, by person.
    Exports,
}

impl Limit {
    /// The limited requests, in the plural.
    fn of_what(self) -> String {
        match self {
            Self::SignIns => text!("limit-sign-ins"),
            Self::Callbacks | Self::Backchannel => text!("limit-answers"),
            Self::Lists => text!("limit-lists"),
            Self::Lookups => text!("limit-searches"),
            Self::Exports => text!("limit-exports"),
        }
    }
}

/// The sender of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Asker {
    /// An IPv4 address, or a 64-bit IPv6 prefix, which is one site.
    Address(IpAddr),
    /// A person, as a hash of issuer and subject.
    Person(u64),
    /// A group of senders, while there are too many to track.
    Crowd(u16),
}

impl Asker {
    /// The client's address, or the peer's if that is unknown.
    fn by_address(request: &HttpRequest) -> Option<Self> {
        let address: IpAddr = client_address(request)?.parse().ok()?;
        Some(Self::Address(network(address)))
    }

    fn by_person(request: &HttpRequest) -> Option<Self> {
        Signed::behind(request).map(|signed| Self::Person(signed.0))
    }

    /// The group it belongs to.
    fn crowd(self) -> Self {
        match self {
            Self::Address(IpAddr::V4(address)) => {
                let [first, ..] = address.octets();
                Self::Crowd(u16::from(first))
            }
            Self::Address(IpAddr::V6(address)) => {
                let [first, ..] = address.segments();
                Self::Crowd(first)
            }
            Self::Person(hash) => {
                let [first, second, ..] = hash.to_be_bytes();
                Self::Crowd(u16::from_be_bytes([first, second]))
            }
            Self::Crowd(_) => self,
        }
    }
}

/// The network of one customer: a whole IPv4 address, half of an IPv6 address.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// The panel's clock, for the rate limiter.
#[derive(Debug, Clone)]
struct Reading {
    clock: Clock,
    began_at: DateTime<Utc>,
}

impl governor::clock::Clock for Reading {
    type Instant = Nanos;

    /// The time since the start; a clock that was set back appears to stand still.
    fn now(&self) -> Nanos {
        let passed = self.clock.now().signed_duration_since(self.began_at);
        Nanos::from(passed.to_std().unwrap_or_default())
    }
}

type Limiter = RateLimiter<Asker, HashMapStateStore<Asker>, Reading, NoOpMiddleware<Nanos>>;

/// One limit, with all recent senders.
struct Gate {
    limiter: Limiter,
    reading: Reading,
    swept_at_s: AtomicI64,
    most: usize,
}

impl Gate {
    /// `None` if there is no limit.
    fn new(a_minute: u32, clock: &Clock, most: usize) -> Option<Self> {
        let reading = Reading {
            clock: clock.clone(),
            began_at: clock.now(),
        };
        let quota = Quota::per_minute(NonZeroU32::new(a_minute)?);
        Some(Self {
            limiter: RateLimiter::hashmap_with_clock(quota, reading.clone()),
            reading,
            swept_at_s: AtomicI64::new(0),
            most,
        })
    }

    /// Counts a request; above the limit, returns how long to wait.
    fn check(&self, asker: Asker) -> Result<(), Duration> {
        self.sweep();
        let asker = if self.limiter.len() < self.most {
            asker
        } else {
            asker.crowd()
        };
        self.limiter
            .check_key(&asker)
            .map_err(|refused| refused.wait_time_from(governor::clock::Clock::now(&self.reading)))
    }

    /// Removes inactive senders: they would pass like new ones.
    fn sweep(&self) {
        let now = self.reading.clock.now().timestamp();
        let last = self.swept_at_s.load(Ordering::Relaxed);
        let is_due = now.saturating_sub(last) >= SWEEP_EVERY_S;
        let swap = |now| {
            let order = Ordering::Relaxed;
            self.swept_at_s.compare_exchange(last, now, order, order)
        };
        if is_due && swap(now).is_ok() {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
    }
}

/// All limits; app data, as `web::Data<Limits>`. Without it, nothing is limited.
pub struct Limits {
    sign_ins: Option<Gate>,
    callbacks: Option<Gate>,
    backchannel: Option<Gate>,
    lists: Option<Gate>,
    lookups: Option<Gate>,
    exports: Option<Gate>,
}

impl Limits {
    /// Makes the limits of the configuration.
    pub fn new(config: &LimitsConfig, clock: &Clock) -> Self {
        let gate = |a_minute| Gate::new(a_minute, clock, MAX_ASKERS);
        Self {
            sign_ins: gate(config.sign_ins),
            callbacks: gate(config.callbacks),
            backchannel: gate(config.backchannel),
            lists: gate(config.lists),
            lookups: gate(config.lookups),
            exports: gate(config.exports),
        }
    }

    fn gate(&self, limit: Limit) -> Option<&Gate> {
        match limit {
            Limit::SignIns => self.sign_ins.as_ref(),
            Limit::Callbacks => self.callbacks.as_ref(),
            Limit::Backchannel => self.backchannel.as_ref(),
            Limit::Lists => self.lists.as_ref(),
            Limit::Lookups => self.lookups.as_ref(),
            Limit::Exports => self.exports.as_ref(),
        }
    }
}

/// Counts a request.
///
/// # Errors
/// [`Failure::TooOften`] when there were too many requests.
pub fn check(request: &HttpRequest, limit: Limit) -> Result<(), Failure> {
    let limits = request.app_data::<web::Data<Limits>>();
    let Some(gate) = limits.and_then(|limits| limits.gate(limit)) else {
        return Ok(());
    };
    let asker = match limit {
        // Re-checks and step-up of a signed-in person are counted for that person, not for their
        // address.
        Limit::SignIns | Limit::Callbacks => {
            Asker::by_person(request).or_else(|| Asker::by_address(request))
        }
        Limit::Backchannel => Asker::by_address(request),
        Limit::Lists | Limit::Lookups | Limit::Exports => Asker::by_person(request),
    };
    // Senders without a known address share one limit.
    let asker = asker.unwrap_or(Asker::Address(IpAddr::V4(Ipv4Addr::UNSPECIFIED)));
    gate.check(asker).map_err(|wait| {
        tracing::warn!(limit = ?limit, wait_s = wait.as_secs(), "a rate limit was reached");
        // Rounded up, so that the wait is long enough.
        let wait_s = wait.as_secs().saturating_add(1);
        Failure::TooOften {
            what: limit.of_what(),
            wait_s,
        }
    })
}

macro_rules! hooks {
    ($($(#[$doc:meta])* $name:ident: $limit:ident),*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// The errors of the handlers.
        pub async fn $name(
            request: ServiceRequest,
            next: Next<impl MessageBody + 'static>,
        ) -> Result<ServiceResponse<BoxBody>, Error> {
            limited(Limit::$limit, request, next).await
        }
    )*};
}

hooks! {
    /// For starting a sign-in.
    sign_ins: SignIns,
    /// For the provider's response.
    callbacks: Callbacks,
    /// For lists.
    lists: Lists,
    /// For pick lists.
    lookups: Lookups,
    /// For exports.
    exports: Exports
}

async fn limited(
    limit: Limit,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match check(request.request(), limit) {
        Ok(()) => Ok(next.call(request).await?.map_into_boxed_body()),
        Err(failure) => Ok(request.error_response(failure)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use chrono::TimeDelta;

    fn address(text: &str) -> Asker {
        Asker::Address(network(text.parse().unwrap()))
    }

    fn gate(a_minute: u32, most: usize) -> (Gate, crate::clock::Hand) {
        let (clock, hand) = Clock::at(DateTime::UNIX_EPOCH + TimeDelta::days(20_000));
        (Gate::new(a_minute, &clock, most).unwrap(), hand)
    }

    #[test]
    fn so_many_at_once_and_so_many_a_minute() {
        let (gate, hand) = gate(6, 100);
        let one = address("192.0.2.1");
        for _ in 0..6 {
            assert!(gate.check(one).is_ok());
        }
        let wait = gate.check(one).unwrap_err();
        assert!(
            wait > Duration::ZERO && wait <= Duration::from_secs(10),
            "{wait:?}"
        );
        assert!(gate.check(address("192.0.2.2")).is_ok(), "another address");
        hand.forward(TimeDelta::seconds(10));
        assert!(gate.check(one).is_ok());
        assert!(gate.check(one).is_err());
        hand.forward(TimeDelta::minutes(-10));
        assert!(
            gate.check(one).is_err(),
            "a clock that is set back gives nothing"
        );
    }

    #[test]
    fn nought_is_no_limit() {
        assert!(Gate::new(0, &Clock::system(), 1).is_none());
    }

    #[test]
    fn a_network_of_one_customer_is_one_asker() {
        assert_eq!(address("2001:db8:1:2::1"), address("2001:db8:1:2:ffff::9"));
        assert_ne!(address("2001:db8:1:2::1"), address("2001:db8:1:3::1"));
        assert_ne!(address("192.0.2.1"), address("192.0.2.2"));
        assert_eq!(address("192.0.2.1"), address("::ffff:192.0.2.1"));
    }

    #[test]
    fn askers_are_kept_in_bounds_and_forgotten() {
        let (gate, hand) = gate(2, 100);
        for number in 0..20_000_u32 {
            let bits = number.wrapping_mul(2_654_435_761);
            let _ = gate.check(Asker::Address(IpAddr::V4(Ipv4Addr::from(bits))));
        }
        assert!(gate.limiter.len() <= 100 + 256, "{}", gate.limiter.len());
        hand.forward(TimeDelta::minutes(5));
        assert!(gate.check(address("192.0.2.1")).is_ok());
        assert_eq!(gate.limiter.len(), 1);
    }

    #[test]
    fn who_is_in_a_crowd_is_still_limited() {
        let (gate, _hand) = gate(2, 1);
        assert!(gate.check(address("192.0.2.1")).is_ok());
        for host in 2..4 {
            assert!(gate.check(address(&format!("192.0.2.{host}"))).is_ok());
        }
        assert!(gate.check(address("192.0.2.9")).is_err());
    }
}
