#pragma once

#include "tests/net/loopback.hpp"

#include <boost/asio/ssl.hpp>

#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

namespace mcp::net::test {

/// A key and a certificate that it has signed itself, for one IP address.
class self_signed {
public:
  explicit self_signed(const char* subject_alternative_name) {
    EVP_PKEY* const key = EVP_EC_gen("P-256");
    X509* const cert = X509_new();
    X509_set_version(cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_set_pubkey(cert, key);
    X509_NAME* const name = X509_get_subject_name(cert);
    X509_NAME_add_entry_by_txt(
      name, "CN", MBSTRING_ASC,
      reinterpret_cast<const unsigned char*>("net-test"), -1, -1, 0);
    X509_set_issuer_name(cert, name);
    for (const auto& [kind, value] :
         {std::pair{NID_basic_constraints, "critical,CA:TRUE"},
          std::pair{NID_subject_alt_name, subject_alternative_name}}) {
      X509_EXTENSION* const extension =
        X509V3_EXT_conf_nid(nullptr, nullptr, kind, value);
      X509_add_ext(cert, extension, -1);
      X509_EXTENSION_free(extension);
    }
    X509_sign(cert, key, EVP_sha256());
    BIO* const out = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(out, cert);
    certificate = drained(out);
    PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    private_key = drained(out);
    BIO_free(out);
    X509_free(cert);
    EVP_PKEY_free(key);
  }

  std::string certificate; // PEM
  std::string private_key; // PEM

private:
  static std::string drained(BIO* from) {
    char* bytes = nullptr;
    const auto size = BIO_get_mem_data(from, &bytes);
    std::string text(bytes, static_cast<std::size_t>(size));
    static_cast<void>(BIO_reset(from));
    return text;
  }
};

/// A file that exists as long as this object.
class temporary_file {
public:
  explicit temporary_file(const std::string& text) {
    const int fd = ::mkstemp(path.data());
    if (fd < 0
        || ::write(fd, text.data(), text.size())
             != static_cast<ssize_t>(text.size()))
      throw std::runtime_error{"can't write " + path};
    ::close(fd);
  }
  ~temporary_file() { ::unlink(path.c_str()); }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;

  std::string path = "/tmp/net-test-XXXXXX";
};

/// Answers every TLS connection's first request with "secret".
class tls_server {
public:
  tls_server(event_loop& loop, const self_signed& identity)
      : context_{asio::ssl::context::tls_server},
        acceptor_{loop.io, {asio::ip::address_v4::loopback(), 0}} {
    context_.use_certificate_chain(asio::buffer(identity.certificate));
    context_.use_private_key(asio::buffer(identity.private_key),
                             asio::ssl::context::pem);
    accept();
  }
  std::string url() const {
    return "https://127.0.0.1:"
           + std::to_string(acceptor_.local_endpoint().port()) + "/";
  }
  int requests = 0;

private:
  using stream = asio::ssl::stream<tcp::socket>;

  void accept() {
    acceptor_.async_accept([this](boost::system::error_code ec, tcp::socket s) {
      if (ec)
        return;
      auto peer = std::make_shared<stream>(std::move(s), context_);
      peer->async_handshake(stream::server, [this, peer](auto failed) {
        if (!failed)
          serve(peer);
      });
      accept();
    });
  }
  void serve(const std::shared_ptr<stream>& peer) {
    auto bytes = std::make_shared<std::string>(4096, '\0');
    peer->async_read_some(
      asio::buffer(*bytes), [this, peer, bytes](auto ec, std::size_t) {
        if (ec)
          return;
        ++requests;
        *bytes = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret";
        asio::async_write(*peer, asio::buffer(*bytes),
                          [peer, bytes](auto, std::size_t) {});
      });
  }

  asio::ssl::context context_;
  tcp::acceptor acceptor_;
};

} // namespace mcp::net::test
