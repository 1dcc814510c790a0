#include "net/request_parser.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>

namespace mcp::net {

namespace http = boost::beast::http;

namespace {
constexpr std::size_t max_fields = 128;
/// What a JSON parser may read behind the text (see parse_padded_json).
constexpr std::size_t padding = 64;
/// The most that an announced length alone may allocate.
constexpr std::size_t first_step = std::size_t{16} * 1024;
} // namespace

request_parser::request_parser(std::size_t max_header_bytes,
                               std::size_t max_body_bytes)
    : max_header_bytes_{max_header_bytes} {
  eager(true);
  // Beast applies its limit to what it has not consumed yet; the sum is counted
  // in on_field_impl.
  header_limit(static_cast<std::uint32_t>(max_header_bytes));
  body_limit(max_body_bytes);
}

void request_parser::on_request_impl(http::verb method, string_view,
                                     string_view target, int http_version,
                                     error_code& ec) {
  header_bytes_ = target.size() + 16;
  if (header_bytes_ > max_header_bytes_) {
    ec = http::error::header_limit;
    return;
  }
  if (http_version != 10 && http_version != 11) {
    ec = http::error::bad_version;
    return;
  }
  version = http_version;
  request.method = method;
  request.target = origin_form({target.data(), target.size()});
}

void request_parser::on_field_impl(http::field, string_view name_text,
                                   string_view value, error_code& ec) {
  if (header_done_)
    return;                                             // a trailer
  header_bytes_ += name_text.size() + value.size() + 4; // ": " and CRLF
  if (header_bytes_ > max_header_bytes_ || ++fields_ > max_fields) {
    ec = http::error::header_limit;
    return;
  }
  request.headers.add({name_text.data(), name_text.size()},
                      {value.data(), value.size()});
}

void request_parser::on_header_impl(error_code& ec) {
  header_done_ = true;
  const auto& headers = request.headers;
  if (const auto codings = headers.count("Transfer-Encoding")) {
    const bool single =
      codings == 1
      && same_but_for_case(headers["Transfer-Encoding"], "chunked");
    if (!single || version != 11 || headers.count("Content-Length") != 0) {
      ec = http::error::bad_transfer_encoding;
      return;
    }
  }
  expects_continue =
    version == 11 && same_but_for_case(headers["Expect"], "100-continue");
}

void request_parser::on_body_init_impl(
  const boost::optional<std::uint64_t>& length, error_code&) {
  announced_ = static_cast<std::size_t>(length.value_or(0));
  request.body.reserve(std::min(announced_, first_step) + padding);
}

std::size_t request_parser::on_body_impl(string_view bytes, error_code&) {
  append(bytes);
  return bytes.size();
}

std::size_t request_parser::on_chunk_body_impl(std::uint64_t, string_view bytes,
                                               error_code&) {
  append(bytes);
  return bytes.size();
}

void request_parser::append(string_view bytes) {
  auto& body = request.body;
  const auto needed = body.size() + bytes.size() + padding;
  if (needed > body.capacity()) {
    auto wanted = std::max(needed, 2 * body.capacity());
    if (announced_ != 0)
      wanted = std::min(wanted, announced_ + padding);
    body.reserve(wanted);
  }
  body.append(bytes.data(), bytes.size());
}

std::string_view origin_form(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() < scheme.size()
        || !boost::beast::iequals(
          boost::beast::string_view{target.data(), scheme.size()},
          boost::beast::string_view{scheme.data(), scheme.size()}))
      continue;
    const auto path = target.find_first_of("/?", scheme.size());
    return path == std::string_view::npos ? "/" : target.substr(path);
  }
  return target;
}

} // namespace mcp::net
