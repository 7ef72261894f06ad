//! The server: where it listens, how browsers reach it, and the cookie that comes of it.

use super::Report;
use crate::config::ServerConfig;
use std::io::ErrorKind;
use std::net::TcpListener;

const LINK: &str = "server";

pub(super) fn check(server: &ServerConfig, report: &mut Report) {
    let address = format!("{}{}{}/", server.origin(), server.base_path(), server.mount);
    match server.secure() {
        true => report.ok(LINK, format!("browsers reach the panel at {address}")),
        false => report.warn(
            LINK,
            format!("browsers reach the panel at {address}, from this machine only"),
            "for others, put a proxy with TLS in front and write its https:// address as \
             server.public_url",
        ),
    }
    if server.secure() && server.trusted_proxies.is_empty() {
        report.warn(
            LINK,
            "the TLS of public_url is some proxy's, but no proxy is trusted, so the audit log \
             will hold the proxy's address in place of the person's",
            "list the proxy's address in server.trusted_proxies",
        );
    }
    if !server.trusted_proxies.is_empty() {
        let proxies = server.trusted_proxies.iter();
        let proxies: Vec<String> = proxies.map(ToString::to_string).collect();
        report.note(
            LINK,
            format!(
                "of requests from {} the person's address is what X-Forwarded-For says: nobody but \
                 a proxy may reach the panel from there, and it must set that header itself",
                proxies.join(", ")
            ),
        );
    }
    check_listen(server, report);
}

fn check_listen(server: &ServerConfig, report: &mut Report) {
    let listen = server.listen;
    let Err(error) = TcpListener::bind(listen) else {
        return report.ok(LINK, format!("{listen} is free to listen on"));
    };
    match error.kind() {
        ErrorKind::AddrInUse => report.warn(
            LINK,
            format!("something listens on {listen} already"),
            "nothing to do if that is the panel; else change server.listen",
        ),
        ErrorKind::PermissionDenied => report.fail(
            LINK,
            format!("this user may not listen on {listen}"),
            "choose a port above 1023 as server.listen, and let the proxy in front have the low one",
        ),
        _ => report.fail(
            LINK,
            format!("{listen} cannot be listened on: {error}"),
            "write an address of this machine as server.listen, such as 127.0.0.1:8080",
        ),
    }
}

pub(super) fn check_cookie(server: &ServerConfig, report: &mut Report) {
    let name = server.cookie();
    report.ok(
        "session",
        match server.secure() {
            true => format!("its cookie is {name}: Secure, HttpOnly, SameSite=Lax, Path=/"),
            false => format!(
                "its cookie is {name}: HttpOnly, SameSite=Lax, Path=/; not Secure, as the panel is \
                 reached by http on this machine"
            ),
        },
    );
}
