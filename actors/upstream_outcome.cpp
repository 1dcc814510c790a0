#include "actors/upstream_outcome.hpp"

#include <array>

namespace mcp {
namespace {

struct service_words {
  const char* name;
  std::string_view word;
  std::string_view setting; // where its address comes from; empty: from W&B
};

constexpr std::array<service_words, 4> services{
  {{"W&B", "api", "WANDB_BASE_URL"},
   {"The Weave trace server", "trace", "WF_TRACE_SERVER_URL"},
   {"The W&B documentation search", "docs", "WANDB_DOCS_MCP_URL"},
   {"W&B's file storage", "storage", ""}}};

const service_words& words_of(service s) {
  return services[static_cast<std::size_t>(s)];
}

/// "api.example:8443" of "https://api.example:8443/graphql?x".
std::string host_of(std::string_view url) {
  if (const auto scheme = url.find("://"); scheme != url.npos)
    url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  if (const auto at = url.rfind('@'); at != url.npos)
    url.remove_prefix(at + 1);
  return std::string(url);
}

cause cause_of(const net::http_outcome& o) {
  using end = net::transfer_end;
  switch (o.end) {
  case end::resolve_failed:
    return cause::dns;
  case end::connect_failed:
    return o.refused ? cause::refused : cause::unreachable;
  case end::tls_failed:
    return cause::tls;
  case end::timed_out:
    return o.request_sent ? cause::timeout : cause::connect_timeout;
  case end::cut:
    return cause::cut;
  case end::too_large:
    return cause::too_large;
  case end::unsupported:
    return cause::not_http;
  case end::complete:
  case end::stopped:
    break;
  }
  return cause::none;
}

/// What there is to see from here, and where to look first.
std::string for_operator(cause why, const service_words& to,
                         const std::string& host) {
  std::string seen;
  std::string look = to.setting.empty() ? std::string("the server's network")
                                        : std::string(to.setting);
  switch (why) {
  case cause::dns:
    seen = "the name " + host + " can't be resolved (DNS)";
    look += " and the server's name service";
    break;
  case cause::refused:
    seen = host + " refuses connections";
    look += ", and whether it runs there";
    break;
  case cause::unreachable:
    seen = host + " can't be connected to";
    look += ", proxies and firewalls";
    break;
  case cause::connect_timeout:
    seen = host + " takes no connection in time";
    look += ", proxies and firewalls";
    break;
  case cause::tls:
    seen = "the TLS connection to " + host
           + " fails (its certificate, or no TLS there)";
    look += ", its https, and WANDB_CA_FILE";
    break;
  default:
    seen = host + " answers, but not with HTTP";
    look += ", its http or https and the port";
    break;
  }
  return std::string(to.name) + " can't be reached: " + seen
         + ". That is for the operator of this MCP server: check " + look
         + ".";
}

} // namespace

const char* service_name(service s) {
  return words_of(s).name;
}

upstream_trouble trouble_of(service s, const failure& why) {
  return {std::string(words_of(s).word) + ':' + trouble_word(why),
          is_for_operator(why.why)};
}

failure transfer_failure(const net::http_outcome& o, service to,
                         std::string_view url) {
  const auto& words = words_of(to);
  const std::string who = words.name;
  const auto why = cause_of(o);
  if (is_for_operator(why)) {
    auto shown = words;
    auto host = host_of(url);
    if (host.empty()) {
      shown.setting = "WANDB_INTERNAL_BASE_URL";
      host = "its internal address";
    }
    return {.code = why == cause::not_http ? errc::upstream_garbage
                    : why == cause::connect_timeout
                      ? errc::upstream_timeout
                      : errc::upstream_unavailable,
            .message = for_operator(why, shown, host),
            .why = why};
  }
  switch (why) {
  case cause::timeout:
    return {.code = errc::upstream_timeout,
            .message = who + " did not answer in time.",
            .why = why};
  case cause::too_large:
    return {.code = errc::response_too_large,
            .message = who + " answered more bytes than one call may hold.",
            .why = why};
  case cause::cut:
    return {.code = errc::upstream_unavailable,
            .message = who + " broke the connection before its answer ended.",
            .why = why};
  default:
    return {.code = errc::internal, .message = "internal error"};
  }
}

failure write_failure(failure why, const net::http_outcome& o) {
  const bool refused = o.end == net::transfer_end::complete && o.status >= 300
                       && o.status < 500 && o.status != 408 && o.status != 429;
  if (refused || (!o.request_sent && o.status == 0))
    return why;
  return {.code = errc::outcome_unknown,
          .message = why.message + " The request may have been carried out.",
          .http_status = why.http_status,
          .why = why.why};
}

failure too_much(const call_memory& memory) {
  if (memory.refusal() == call_memory::verdict::user_is_full)
    return {.code = errc::server_busy,
            .message = "The calls of this user that run now hold as much of "
                       "W&B's data as one user may.",
            .retry_after = std::chrono::milliseconds(1000)};
  return {.code = errc::response_too_large,
          .message = "W&B answered more than the "
                     + std::to_string(memory.limit())
                     + " bytes that one call may take.",
          .why = cause::too_large};
}

} // namespace mcp
