#include "net/curl_transfer.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

namespace mcp::net {

namespace {

constexpr std::size_t max_header_bytes = std::size_t{256} * 1024;
constexpr long max_connection_age_s = 900; // so that a change of DNS is noticed

bool starts_with(std::string_view text, std::string_view lower_prefix) {
  return text.size() >= lower_prefix.size()
         && ::strncasecmp(text.data(), lower_prefix.data(), lower_prefix.size())
              == 0;
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

/// Debian's curl knows a directory with one file per certificate. It is used
/// beside an extra file, because that file replaces the bundle.
const char* system_certificates() {
  const auto* const info = curl_version_info(CURLVERSION_NOW);
  if (info->age >= CURLVERSION_SEVENTH && info->capath)
    return info->capath;
  return "/etc/ssl/certs";
}

} // namespace

curl_transfer::curl_transfer(transfer_id wanted_id, http_transfer what,
                             std::function<void(http_outcome)> done)
    : id{wanted_id}, due{std::chrono::steady_clock::now() + what.deadline},
      on_done{std::move(done)}, what_{std::move(what)},
      lines_{what_.max_response_bytes,
             {.on_line =
                [this](std::string_view line) {
                  stopped_ = !what_.on_line(line);
                  return !stopped_ && !silent_;
                },
              .on_too_long =
                [this] {
                  too_large_ = true;
                  return false;
                }}} {}

curl_transfer::~curl_transfer() {
  for (auto& header : what_.headers)
    if (starts_with(header, "authorization:"))
      ::explicit_bzero(header.data(), header.size());
}

bool curl_transfer::is_sound() const {
  const auto breaks = [](const std::string& text) {
    return text.find_first_of(std::string_view{"\r\n\0", 3})
           != std::string::npos;
  };
  return !what_.method.empty()
         && std::all_of(what_.method.begin(), what_.method.end(),
                        [](unsigned char c) { return std::isalpha(c) != 0; })
         && !breaks(what_.url)
         && std::none_of(what_.headers.begin(), what_.headers.end(), breaks);
}

void curl_transfer::set_up(CURL* handle, const http_client_options& options) {
  easy = handle;
  const auto set = [handle](CURLoption option, auto value) {
    curl_easy_setopt(handle, option, value);
  };
  set(CURLOPT_PRIVATE, this);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, "");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  set(CURLOPT_URL, what_.url.c_str());
  if (!options.user_agent.empty())
    set(CURLOPT_USERAGENT, options.user_agent.c_str());

  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  if (options.ca_file.empty()) {
    // With the file alone curl keeps the parsed certificates between
    // connections; with the directory it would not.
    set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  } else {
    set(CURLOPT_CAINFO, options.ca_file.c_str());
    set(CURLOPT_CAPATH,
        options.trust_system ? system_certificates() : nullptr);
  }

  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  // Rather wait for a connection that may multiplex than open another one.
  set(CURLOPT_PIPEWAIT, starts_with(what_.url, "https:") ? 1L : 0L);
  set(CURLOPT_ACCEPT_ENCODING, "gzip");
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_MAXLIFETIME_CONN, max_connection_age_s);
  const auto deadline = std::max<long>(1, what_.deadline.count());
  set(CURLOPT_TIMEOUT_MS, deadline);
  set(CURLOPT_CONNECTTIMEOUT_MS,
      std::max<long>(1, options.connect_timeout.count()));

  if (what_.may_connect) {
    set(CURLOPT_OPENSOCKETFUNCTION, &curl_transfer::on_socket);
    set(CURLOPT_OPENSOCKETDATA, this);
    set(CURLOPT_FRESH_CONNECT, 1L);
    set(CURLOPT_FORBID_REUSE, 1L);
    set(CURLOPT_PROXY, "");
  }
  set_method();
  set_headers();
  set(CURLOPT_WRITEFUNCTION, &curl_transfer::on_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_HEADERFUNCTION, &curl_transfer::on_header);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_PREREQFUNCTION, &curl_transfer::on_request);
  set(CURLOPT_PREREQDATA, this);
}

void curl_transfer::set_method() {
  if (what_.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    return;
  }
  if (what_.method == "GET" && what_.body.empty()) {
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    return;
  }
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, what_.body.data());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                   static_cast<curl_off_t>(what_.body.size()));
  if (what_.method != "POST")
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, what_.method.c_str());
}

void curl_transfer::set_headers() {
  // No "100 Continue" round trip before a large body.
  static char no_expect[] = "Expect:";
  nodes_.reserve(what_.headers.size() + 1);
  for (auto& header : what_.headers)
    nodes_.push_back({header.data(), nullptr});
  nodes_.push_back({no_expect, nullptr});
  for (std::size_t i = 1; i < nodes_.size(); ++i)
    nodes_[i - 1].next = &nodes_[i];
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, nodes_.data());
}

bool curl_transfer::is_repeatable() const {
  return what_.method == "GET" || what_.method == "HEAD";
}

/// curl repeats a request by itself when a kept connection turns out to be
/// dead, though the server may have acted on it. For a POST that is the
/// caller's choice, who alone knows whether it was a query.
int curl_transfer::on_request(void* self, char*, char*, int, int) {
  auto& me = *static_cast<curl_transfer*>(self);
  return ++me.requests_ == 1 || me.is_repeatable() ? CURL_PREREQFUNC_OK
                                                   : CURL_PREREQFUNC_ABORT;
}

curl_socket_t curl_transfer::on_socket(void* self, curlsocktype,
                                       curl_sockaddr* to) {
  namespace ip = boost::asio::ip;
  auto& me = *static_cast<curl_transfer*>(self);
  ip::address address;
  if (to->family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&to->addr);
    address = ip::address_v4(ntohl(v4->sin_addr.s_addr));
  } else if (to->family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&to->addr);
    ip::address_v6::bytes_type bytes;
    std::memcpy(bytes.data(), &v6->sin6_addr, bytes.size());
    address = ip::address_v6(bytes);
  } else {
    return CURL_SOCKET_BAD;
  }
  if (!me.what_.may_connect(address))
    return CURL_SOCKET_BAD;
  return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

std::size_t curl_transfer::on_header(char* bytes, std::size_t, std::size_t size,
                                     void* self) {
  auto& me = *static_cast<curl_transfer*>(self);
  return me.take_header({bytes, size}) ? size : 0;
}

bool curl_transfer::take_header(std::string_view line) {
  header_bytes_ += line.size();
  if (silent_ || header_bytes_ > max_header_bytes) {
    too_large_ = !silent_;
    return false;
  }
  if (line.starts_with(
        "HTTP/")) { // an answer begins; "100 Continue" is one too
    outcome_.retry_after.clear();
    outcome_.ratelimit_reset.clear();
    outcome_.location.clear();
    outcome_.mcp_session_id.clear();
    header_ended_ = false;
    return true;
  }
  if (line == "\r\n" || line == "\n")
    header_ended_ = true;
  for (const auto& [name, into] :
       {std::pair<std::string_view, std::string*>{"retry-after:",
                                                  &outcome_.retry_after},
        {"ratelimit-reset:", &outcome_.ratelimit_reset},
        {"location:", &outcome_.location},
        {"mcp-session-id:", &outcome_.mcp_session_id}})
    if (starts_with(line, name))
      *into = trimmed(line.substr(name.size()));
  return true;
}

std::size_t curl_transfer::on_body(char* bytes, std::size_t, std::size_t size,
                                   void* self) {
  auto& me = *static_cast<curl_transfer*>(self);
  try {
    return me.take_body({bytes, size}) ? size : 0;
  } catch (...) { // no exception may pass through curl
    me.reader_failed_ = true;
    return 0;
  }
}

bool curl_transfer::take_body(std::string_view bytes) {
  if (silent_)
    return false;
  if (!body_begun_) {
    body_begun_ = true;
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    by_line_ = what_.on_line && status / 100 == 2;
  }
  if (by_line_)
    return lines_.feed(bytes);
  if (bytes.size() > what_.max_response_bytes - outcome_.body.size()
      || (what_.may_collect && !what_.may_collect(bytes.size()))) {
    too_large_ = true;
    return false;
  }
  outcome_.body += bytes;
  return true;
}

http_outcome curl_transfer::overdue() {
  return outcome(CURLE_OPERATION_TIMEDOUT);
}

http_outcome curl_transfer::outcome(CURLcode code) {
  // For curl, a header that breaks off is a whole answer without a body.
  if (code == CURLE_OK && !header_ended_)
    code = CURLE_PARTIAL_FILE;
  if (code == CURLE_OK && by_line_) {
    try {
      lines_.finish();
    } catch (...) {
      reader_failed_ = true;
    }
  }
  auto& out = outcome_;
  out.end = classify(code);
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  out.status = static_cast<int>(status);
  const char* type = nullptr;
  curl_easy_getinfo(easy, CURLINFO_CONTENT_TYPE, &type);
  if (type)
    out.content_type = type;
  out.request_sent = requests_ > 0;
  long system_error = 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &system_error);
  out.refused =
    out.end == transfer_end::connect_failed && system_error == ECONNREFUSED;
  if (reader_failed_)
    out.detail = "the reader of the lines failed";
  else if (code != CURLE_OK && out.end != transfer_end::stopped)
    out.detail = curl_easy_strerror(code);
  if (out.end == transfer_end::too_large)
    out.body = {};
  return std::move(out);
}

http_outcome curl_transfer::unsound() {
  http_outcome out;
  out.end = transfer_end::unsupported;
  out.detail = "not a request that can be sent";
  return out;
}

transfer_end curl_transfer::classify(CURLcode code) const {
  if (reader_failed_)
    return transfer_end::unsupported;
  if (too_large_)
    return transfer_end::too_large;
  if (stopped_)
    return transfer_end::stopped;
  switch (code) {
  case CURLE_OK:
    return transfer_end::complete;
  case CURLE_COULDNT_RESOLVE_HOST:
    return transfer_end::resolve_failed;
  case CURLE_COULDNT_CONNECT:
  case CURLE_COULDNT_RESOLVE_PROXY:
  case CURLE_PROXY:
  case CURLE_INTERFACE_FAILED:
    return transfer_end::connect_failed;
  case CURLE_OPERATION_TIMEDOUT:
    return transfer_end::timed_out;
  case CURLE_SSL_CONNECT_ERROR:
  case CURLE_PEER_FAILED_VERIFICATION:
  case CURLE_SSL_CACERT_BADFILE:
  case CURLE_SSL_CERTPROBLEM:
  case CURLE_SSL_CIPHER:
  case CURLE_SSL_ENGINE_INITFAILED:
  case CURLE_SSL_ISSUER_ERROR:
  case CURLE_SSL_INVALIDCERTSTATUS:
  case CURLE_USE_SSL_FAILED:
    return transfer_end::tls_failed;
  case CURLE_UNSUPPORTED_PROTOCOL: // also: no HTTP status line
  case CURLE_URL_MALFORMAT:
  case CURLE_LOGIN_DENIED: // a user name in the URL
  case CURLE_WEIRD_SERVER_REPLY:
  case CURLE_BAD_CONTENT_ENCODING:
  case CURLE_NOT_BUILT_IN:
  case CURLE_BAD_FUNCTION_ARGUMENT:
  case CURLE_OUT_OF_MEMORY:
    return transfer_end::unsupported;
  default:
    // Before the request it was the way there that broke: a proxy's refusal
    // to connect us comes as a failed read.
    return requests_ > 0 ? transfer_end::cut : transfer_end::connect_failed;
  }
}

} // namespace mcp::net
