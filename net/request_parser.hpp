#pragma once

#include "net/http_server.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <cstddef>

namespace mcp::net {

/// One request from bytes to `http_request`; Beast does the grammar. What Beast
/// leaves open is closed here:
/// - the header as a whole is limited, also when it comes in many pieces, and
/// so
///   is the number of fields, because each one costs an allocation;
/// - a transfer coding other than one single "chunked" is an error: what the
///   body is would be anybody's guess (request smuggling);
/// - trailer fields are dropped, not merged into the header;
/// - the body grows with what came, never with what was announced.
/// Errors (from `put`): header_limit, body_limit, bad_version, need_more, and
/// others that all mean a malformed request.
class request_parser final : public boost::beast::http::basic_parser<true> {
public:
  using error_code = boost::beast::error_code;

  request_parser(std::size_t max_header_bytes, std::size_t max_body_bytes);

  /// The result; whole once `is_done()`. `peer` is left empty.
  http_request request;
  /// "Expect: 100-continue": the client waits for a sign before the body.
  bool expects_continue = false;
  /// 10 or 11, once the first line is read.
  int version = 0;

private:
  using string_view = boost::beast::string_view;

  void on_request_impl(boost::beast::http::verb method, string_view method_text,
                       string_view target, int http_version,
                       error_code& ec) override;
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(boost::beast::http::field name, string_view name_text,
                     string_view value, error_code& ec) override;
  void on_header_impl(error_code& ec) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& length,
                         error_code&) override;
  std::size_t on_body_impl(string_view bytes, error_code&) override;
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view bytes,
                                 error_code&) override;
  void on_finish_impl(error_code&) override {}

  void append(string_view bytes);

  std::size_t max_header_bytes_;
  std::size_t header_bytes_ = 0;
  std::size_t fields_ = 0;
  std::size_t announced_ = 0; // Content-Length; 0 when chunked
  bool header_done_ = false;
};

/// The origin form of a request target: "http://host/path?x" (absolute form,
/// which a server has to take, RFC 9112 3.2.2) becomes "/path?x"; all else is
/// left as it is.
[[nodiscard]] std::string_view origin_form(std::string_view target);

} // namespace mcp::net
