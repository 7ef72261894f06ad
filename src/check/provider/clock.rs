//! Compares the provider's clock with ours, because tokens are valid for a limited time.

use super::CheckedProvider;
use crate::check::Report;
use crate::sso::Provider;
use crate::sso::exchange::probe::Answer;
use chrono::TimeDelta;

/// A larger difference is reported: a clock that is off usually drifts further.
const WORTH_A_LOOK: TimeDelta = TimeDelta::seconds(30);

pub(super) fn check(
    asked: &CheckedProvider<'_>,
    answer: &Answer,
    provider: &Provider,
    report: &mut Report,
) {
    let link = asked.link("clock");
    let allowed = provider.settings().skew;
    let Some(theirs) = answer.date else {
        return report.note(
            link,
            "the provider does not send its time, so the clocks were not compared",
        );
    };
    let ahead = theirs.signed_duration_since(chrono::Utc::now());
    let text = match ahead.num_seconds() {
        seconds @ ..-1 => format!("the provider's clock is {} s behind", -seconds),
        seconds @ 2.. => format!("the provider's clock is {seconds} s ahead"),
        _ => return report.ok(link, "the provider's clock and ours agree"),
    };
    let remedy = "set this machine's clock and the provider's by NTP";
    let limit = allowed.num_seconds();
    if ahead.abs() > allowed {
        let text = format!("{text}, and tokens more than {limit} s off are refused");
        report.fail(link, text, remedy);
    } else if ahead.abs() > WORTH_A_LOOK.min(allowed / 2) {
        report.warn(
            link,
            format!("{text}; up to {limit} s are accepted"),
            remedy,
        );
    } else {
        report.ok(link, text);
    }
}
