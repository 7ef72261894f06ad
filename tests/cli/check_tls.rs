//! `check` of TLS: an https provider whose certificate is wrong in one way.

use super::rig::{Ran, Rig};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cli/tls")
        .join(name)
}

/// Responds 404 to every https request, with this certificate.
fn serve(certificate: &str) -> SocketAddr {
    let chain = vec![CertificateDer::from_pem_file(file(certificate)).unwrap()];
    let key = PrivateKeyDer::from_pem_file(file("server.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut tls = ServerConnection::new(config.clone()).unwrap();
            let mut tls = Stream::new(&mut tls, &mut stream);
            // Clients that do not trust the certificate disconnect here.
            if tls.read(&mut [0; 4_096]).is_ok() {
                let answer =
                    "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                let _ = tls.write_all(answer.as_bytes());
                tls.conn.send_close_notify();
                let _ = tls.flush();
            }
        }
    });
    address
}

/// The result of `check` if this authority is trusted, or only those of the system.
async fn check(issuer: &str, authority: Option<&str>) -> Ran {
    let rig = Rig::new();
    rig.write("bailiwick.toml", &rig.config(issuer));
    let authority = authority.map(|name| file(name).to_str().unwrap().to_owned());
    let variables: Vec<(&str, &str)> = authority
        .iter()
        .map(|file| ("SSL_CERT_FILE", file.as_str()))
        .collect();
    rig.run_with("check", &variables, "").await
}

#[actix_web::test]
async fn an_authority_that_is_not_trusted_is_told_and_can_be_named() {
    let issuer = format!("https://{}", serve("server.pem"));
    let ran = check(&issuer, None).await;
    ran.only_failure(&["TLS", "UnknownIssuer", "trust store", "oidc.ca_file"]);
    let ran = check(&issuer, Some("ca.pem")).await;
    ran.only_failure(&["status 404", "correct the path of oidc.issuer"]);
}

#[actix_web::test]
async fn certificates_out_of_their_time_are_told() {
    let issuer = format!("https://{}", serve("expired.pem"));
    let ran = check(&issuer, Some("ca.pem")).await;
    ran.only_failure(&["TLS", "renew the provider's certificate"]);
    let issuer = format!("https://{}", serve("early.pem"));
    let ran = check(&issuer, Some("ca.pem")).await;
    ran.only_failure(&["TLS", "the certificate is not valid yet"]);
}

#[actix_web::test]
async fn a_certificate_for_another_host_is_told() {
    let issuer = format!("https://localhost:{}", serve("server.pem").port());
    let ran = check(&issuer, Some("ca.pem")).await;
    ran.only_failure(&[
        "TLS",
        "write the host that the certificate is for in oidc.issuer",
    ]);
}

#[actix_web::test]
async fn the_authority_of_the_file_is_trusted() {
    let issuer = format!("https://{}", serve("server.pem"));
    let rig = Rig::new();
    let authority = format!("ca_file = {:?}\nclient_id", file("ca.pem"));
    let config = rig.config(&issuer).replace("client_id", &authority);
    let ran = rig.check(&config).await;
    ran.only_failure(&["answers with status 404"]);
}
