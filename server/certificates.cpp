#include "server/certificates.hpp"

#include "server/local_files.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

namespace mcp {
namespace {

bool holds_certificate(const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(
    BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  if (!in)
    return false;
  const std::unique_ptr<X509, decltype(&X509_free)> first(
    PEM_read_bio_X509_AUX(in.get(), nullptr, nullptr, nullptr), X509_free);
  ERR_clear_error();
  return first != nullptr;
}

/// What is wrong with the file; empty: nothing.
std::string trouble_with(const std::string& path) {
  struct stat what {};
  if (stat(path.c_str(), &what) != 0 || access(path.c_str(), R_OK) != 0)
    return "can't read " + path + ": " + std::strerror(errno);
  if (!S_ISREG(what.st_mode))
    return path + " is not a file; expected one with certificates (PEM)";
  if (!holds_certificate(read_file(path)))
    return path
           + " holds no certificate; expected PEM, which begins with "
             "-----BEGIN CERTIFICATE-----";
  return {};
}

} // namespace

std::optional<failure> check_certificate_files(const settings& s) {
  const auto wrong = [](std::string message) {
    return failure{.code = errc::bad_argument, .message = std::move(message)};
  };
  if (!s.ca_file.empty() && !s.ssl_cert_file.empty())
    return wrong("ca_file (WANDB_CA_FILE) adds to the system's certificates, "
                 "ssl_cert_file (SSL_CERT_FILE) replaces them: give one of "
                 "them, with all certificates in its file");
  for (const auto& [name, path] :
       {std::pair{"ca_file (WANDB_CA_FILE)", &s.ca_file},
        {"ssl_cert_file (SSL_CERT_FILE)", &s.ssl_cert_file}})
    if (!path->empty())
      if (auto trouble = trouble_with(*path); !trouble.empty())
        return wrong(std::string(name) + ": " + trouble);
  return {};
}

} // namespace mcp
