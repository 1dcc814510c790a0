#include "protocol/errors.hpp"

namespace mcp {

void throw_exception_from_error(const failure& f,
                                const boost::source_location&) {
  throw failure_exception(f);
}

std::string_view to_string(errc code) {
  switch (code) {
  case errc::parse_error:
    return "parse_error";
  case errc::invalid_request:
    return "invalid_request";
  case errc::unknown_method:
    return "unknown_method";
  case errc::invalid_params:
    return "invalid_params";
  case errc::bad_argument:
    return "invalid_input";
  case errc::not_found:
    return "not_found";
  case errc::unauthorized:
    return "unauthorized";
  case errc::not_permitted:
    return "not_permitted";
  case errc::rate_limited:
    return "rate_limited";
  case errc::upstream_timeout:
    return "upstream_timeout";
  case errc::upstream_unavailable:
    return "upstream_unavailable";
  case errc::server_busy:
    return "server_busy";
  case errc::upstream_error:
    return "upstream_error";
  case errc::upstream_garbage:
    return "upstream_garbage";
  case errc::response_too_large:
    return "response_too_large";
  case errc::client_refused:
    return "client_refused";
  case errc::outcome_unknown:
    return "outcome_unknown";
  case errc::cancelled:
    return "cancelled";
  case errc::internal:
    return "internal";
  }
  return "internal";
}

std::string_view to_string(cause why) {
  switch (why) {
  case cause::none:
    break;
  case cause::dns:
    return "dns";
  case cause::refused:
    return "refused";
  case cause::unreachable:
    return "unreachable";
  case cause::connect_timeout:
    return "connect_timeout";
  case cause::tls:
    return "tls";
  case cause::not_http:
    return "not_http";
  case cause::timeout:
    return "timeout";
  case cause::cut:
    return "cut";
  case cause::paused:
    return "paused";
  case cause::too_large:
    return "too_large";
  }
  return {};
}

bool is_for_operator(cause why) {
  return why >= cause::dns && why <= cause::not_http;
}

std::string trouble_word(const failure& f) {
  if (f.why != cause::none)
    return std::string(to_string(f.why));
  if (f.http_status != 0)
    return "status_" + std::to_string(f.http_status);
  return std::string(to_string(f.code));
}

int jsonrpc_code(errc code) {
  switch (code) {
  case errc::parse_error:
    return -32700;
  case errc::invalid_request:
    return -32600;
  case errc::unknown_method:
    return -32601;
  case errc::invalid_params:
    return -32602;
  case errc::bad_argument:
  case errc::not_found:
  case errc::unauthorized:
  case errc::not_permitted:
  case errc::rate_limited:
  case errc::upstream_timeout:
  case errc::upstream_unavailable:
  case errc::server_busy:
  case errc::upstream_error:
  case errc::upstream_garbage:
  case errc::response_too_large:
  case errc::client_refused:
  case errc::outcome_unknown:
  case errc::cancelled:
  case errc::internal:
    break;
  }
  return -32603;
}

} // namespace mcp
