//! Checks the server: its address, its public URL, and the resulting cookie.

use super::Report;
use crate::config::ServerConfig;
use crate::config::address::is_loopback;
use std::io::ErrorKind;

const LINK: &str = "server";

pub(super) fn check(server: &ServerConfig, report: &mut Report) {
    let address = server.panel_url();
    if server.secure() {
        report.ok(LINK, format!("browsers reach the panel at {address}"))
    } else {
        report.warn(
            LINK,
            format!("browsers reach the panel at {address}, from this machine only"),
            "for others, put a proxy with TLS in front and write its https:// address as \
             server.public_url",
        )
    }
    if server.secure() && server.trusted_proxies.is_empty() {
        report.warn(
            LINK,
            "public_url needs a proxy for its TLS, but no proxy is trusted: the audit log will \
             show the proxy's address instead of the person's",
            "list the proxy's address in server.trusted_proxies",
        );
    }
    if !server.trusted_proxies.is_empty() {
        let proxies = server.trusted_proxies.texts();
        report.note(
            LINK,
            format!(
                "for requests from {}, X-Forwarded-For gives the person's address: only a proxy \
                 may reach the panel from there, and it must set that header itself",
                proxies.join(", ")
            ),
        );
    }
    check_public_url(server, report);
    check_listen(server, report);
}

/// Public URLs that work, but are probably mistakes.
fn check_public_url(server: &ServerConfig, report: &mut Report) {
    let url = server.public_url();
    if server.base_path().ends_with(&server.mount) {
        report.warn(
            LINK,
            format!(
                "server.public_url ends with the mount {}, so the panel is at {}",
                server.mount,
                server.panel_url()
            ),
            format!("remove {} from the end of server.public_url", server.mount),
        );
    }
    let port = url.port_or_known_default();
    if is_loopback(&url) && port != Some(server.listen.port()) {
        report.warn(
            LINK,
            format!(
                "server.public_url names port {} of this machine, and the panel listens on {}",
                port.unwrap_or_default(),
                server.listen.port()
            ),
            format!(
                "fine if a proxy listens there; otherwise write port {} in server.public_url",
                server.listen.port()
            ),
        );
    }
}

fn check_listen(server: &ServerConfig, report: &mut Report) {
    let listen = server.listen;
    let Err(error) = crate::server::listen(listen) else {
        return report.ok(LINK, format!("{listen} is free to listen on"));
    };
    match error.reason.kind() {
        ErrorKind::AddrInUse => report.warn(
            LINK,
            format!("something listens on {listen} already"),
            "nothing to do if that is the panel; otherwise change server.listen",
        ),
        _ => report.fail(LINK, error.to_string(), error.remedy("server.listen")),
    }
}

pub(super) fn check_cookie(server: &ServerConfig, report: &mut Report) {
    let name = server.cookie();
    report.ok(
        "session",
        if server.secure() {
            format!("its cookie is {name}: Secure, HttpOnly, SameSite=Lax, Path=/")
        } else {
            format!(
                "its cookie is {name}: HttpOnly, SameSite=Lax, Path=/; not Secure, as the panel is \
                 reached by http on this machine"
            )
        },
    );
}
