#include "tools/docs_client.hpp"

#include "protocol/json/write.hpp"
#include "tools/docs_reply.hpp"
#include "tools/models_json.hpp"
#include "tools/tool.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <vector>

namespace mcp::tools {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t max_answer_bytes = std::size_t{4} << 20;
constexpr std::size_t max_url_bytes = 2048;
constexpr std::size_t max_session_bytes = 1024;
constexpr int most_redirects = 3;
constexpr auto kept_for = std::chrono::minutes(10);
// So that a server that hangs leaves time to ask the next one.
constexpr milliseconds patience{14'000};

// Fixed, so that equal questions are equal requests.
constexpr std::int64_t initialize_id = 1;
constexpr std::int64_t list_id = 2;
constexpr std::int64_t call_id = 3;

constexpr std::string_view coreweave_tool = "search_core_weave_docs";
constexpr std::string_view wandb_tool = "search_weights_biases_documentation";

template <std::int64_t Id>
bool is_good(std::string_view body) {
  const auto reply = read_rpc_reply(body, Id);
  return reply && !reply->error && !is_error_result(reply->result);
}

std::string host_of(std::string_view url) {
  const auto begin = url.find("://") + 3;
  return std::string(url.substr(begin, url.find('/', begin) - begin));
}

/// Where a redirect leads; empty when we do not go there.
std::string redirect_target(std::string_view from, std::string_view location) {
  auto target = std::string(location);
  if (target.starts_with('/') && !target.starts_with("//"))
    target = std::string(from.substr(0, from.find("://") + 3)) + host_of(from)
             + target;
  const bool plain = std::all_of(target.begin(), target.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7F && c != '\\';
  });
  if (!target.starts_with("https://") || target.size() > max_url_bytes || !plain
      || host_of(target).find('@') != std::string::npos)
    return {};
  return target;
}

bool is_session_id(std::string_view text) {
  return !text.empty() && text.size() <= max_session_bytes
         && std::all_of(text.begin(), text.end(),
                        [](char c) { return c > 0x20 && c < 0x7F; });
}

bool mentions(std::string_view text, std::string_view lower_word) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::search(text.begin(), text.end(), lower_word.begin(),
                     lower_word.end(),
                     [&](char a, char b) { return lower(a) == b; })
         != text.end();
}

failure refusal(const std::string& what) {
  return {.code = errc::upstream_error,
          .message = "The documentation search " + what + "."};
}

/// One documentation server, for the length of one question.
class docs_server {
public:
  /// `requests` counts on over all servers that are asked.
  docs_server(call_context& context, std::string url, int& requests)
      : context_(context), requests_(requests), url_(std::move(url)),
        tool_(mentions(url_, "coreweave") ? coreweave_tool : wandb_tool) {}

  const std::string& url() const { return url_; }

  /// Gives the text of the answer, empty when nothing was found.
  task<std::string> ask(std::string query) {
    for (;;) {
      auto got = co_await try_call(query);
      if (!got.error && !is_error_result(got.result))
        co_return text_of_result(got.result);
      if (mentions_unknown_tool(got) && !listed_) {
        listed_ = true;
        co_await learn_tool_name();
      } else if (got.error && handshakes_ == 0) {
        co_await shake_hands(true);
      } else {
        throw failure_exception(
          refusal(got.error ? "refused the question (JSON-RPC error "
                                + std::to_string(got.error->code) + ")"
                            : "failed"));
      }
    }
  }

private:
  /// A call of the search tool; shakes hands when the server wants that, and
  /// once more when it has forgotten a session that was reused.
  task<rpc_reply> try_call(std::string query) {
    for (;;) {
      json::object arguments{{"query", query}};
      json::object params{{"name", tool_}, {"arguments", std::move(arguments)}};
      std::optional<failure> refused;
      try {
        const auto reply = co_await post(
          message("tools/call", call_id, std::move(params)), is_good<call_id>);
        co_return read(reply, call_id);
      } catch (const failure_exception& e) {
        refused = e.reason;
      }
      const auto status = refused->http_status;
      const bool first = handshakes_ == 0 && (status == 400 || status == 404);
      const bool forgotten =
        handshakes_ == 1 && status == 404 && !session_.empty();
      if (!first && !forgotten)
        throw failure_exception(*refused);
      co_await shake_hands(first);
    }
  }

  task<void> shake_hands(bool may_reuse) {
    ++handshakes_;
    session_.clear();
    headers_.clear();
    json::object client{{"name", "wandb-mcp-server"}, {"version", MCP_VERSION}};
    json::object params{{"protocolVersion", "2025-06-18"},
                        {"capabilities", json::object{}},
                        {"clientInfo", std::move(client)}};
    const auto reply =
      co_await post(message("initialize", initialize_id, std::move(params)),
                    may_reuse ? is_good<initialize_id> : nullptr);
    const auto answer = read(reply, initialize_id);
    if (answer.error)
      throw failure_exception(refusal("refused the handshake"));
    auto version = text_at(answer.result, "protocolVersion");
    if (is_session_id(version) && version.size() <= 32)
      headers_.push_back("MCP-Protocol-Version: " + version);
    if (is_session_id(reply.mcp_session_id)) {
      session_ = reply.mcp_session_id;
      headers_.push_back("Mcp-Session-Id: " + session_);
    }
    const json::object done{{"jsonrpc", "2.0"},
                            {"method", "notifications/initialized"}};
    co_await post(done, may_reuse ? any_body : nullptr);
  }

  task<void> learn_tool_name() {
    const auto reply = co_await post(
      message("tools/list", list_id, json::object{}), is_good<list_id>);
    const auto answer = read(reply, list_id);
    const auto* tools = array_at(answer.result, {"tools"});
    std::vector<std::string> searching;
    if (tools)
      for (const auto& item : *tools)
        if (const auto* object = item.if_object())
          if (auto name = text_at(*object, "name"); mentions(name, "search"))
            searching.push_back(std::move(name));
    for (const auto known : {coreweave_tool, wandb_tool})
      if (std::find(searching.begin(), searching.end(), known)
          != searching.end())
        searching = {std::string(known)};
    if (searching.size() > 1)
      std::erase_if(searching,
                    [](const auto& name) { return !mentions(name, "doc"); });
    if (searching.size() != 1 || searching[0].size() > 256)
      throw failure_exception(refusal("has no search tool that we know"));
    tool_ = searching[0];
  }

  static json::object message(const char* method, std::int64_t id,
                              json::object params) {
    return {{"jsonrpc", "2.0"},
            {"id", id},
            {"method", method},
            {"params", std::move(params)}};
  }

  static bool any_body(std::string_view) { return true; }

  /// `reusable`: null when no earlier answer will do.
  task<upstream_reply> post(json::object what,
                            bool (*reusable)(std::string_view)) {
    const auto body = write_json(what);
    for (int hops = 0; hops <= most_redirects; ++hops) {
      if (requests_ > 0)
        context_.progress(requests_, std::nullopt, "Asking " + host_of(url_));
      ++requests_;
      upstream_request request;
      request.to = service::docs;
      request.path = url_;
      request.body = body;
      request.accept = "application/json, text/event-stream";
      request.headers = headers_;
      request.at_most = patience;
      request.max_bytes = max_answer_bytes;
      request.reusable = reusable;
      if (reusable)
        request.reuse_for = kept_for;
      auto reply = co_await context_.fetch(std::move(request));
      if (reply.status != 307 && reply.status != 308)
        co_return reply;
      auto target = redirect_target(url_, reply.location);
      if (target.empty())
        break;
      url_ = std::move(target);
    }
    throw failure_exception(refusal("has moved to where we do not follow"));
  }

  static rpc_reply read(const upstream_reply& reply, std::int64_t id) {
    return read_rpc_reply(*reply.body, id).value();
  }

  bool mentions_unknown_tool(const rpc_reply& got) const {
    const auto& text =
      got.error ? got.error->message : text_of_result(got.result);
    return mentions(text, "tool") && !mentions(text, "initializ");
  }

  call_context& context_;
  int& requests_;
  std::string url_;
  std::string tool_;
  std::string session_;
  std::vector<std::string> headers_;
  int handshakes_ = 0;
  bool listed_ = false;
};

/// Whether another server may do better.
bool is_of_this_server(const failure& why) {
  switch (why.code) {
  case errc::cancelled:
  case errc::internal:
  case errc::rate_limited:
  case errc::server_busy:
  case errc::response_too_large:
    return false;
  default:
    return true;
  }
}

[[noreturn]] void throw_docs_error(const failure& why) {
  json::object details;
  if (why.http_status != 0)
    details["http_status"] = why.http_status;
  const auto again = [&](const char* code, const char* message) {
    const auto wait = std::clamp(why.retry_after.value_or(milliseconds(1000)),
                                 milliseconds(1000), milliseconds(60'000));
    details["retryable"] = true;
    details["retry_after_ms"] = wait.count();
    throw tool_error(code, message, std::move(details));
  };
  if (is_for_operator(why.why)) {
    details["cause"] = to_string(why.why);
    throw tool_error("upstream_error", why.message, std::move(details));
  }
  if (why.code == errc::rate_limited || why.code == errc::server_busy
      || why.http_status == 503)
    again("server_busy", "The documentation search is busy. Try again later.");
  switch (why.code) {
  case errc::upstream_timeout:
    again("tool_timeout", "The documentation search timed out.");
    break;
  case errc::upstream_garbage:
    throw tool_error("malformed_response",
                     "The documentation search answered something that can "
                     "not be read.",
                     std::move(details));
  case errc::response_too_large:
    throw tool_error("response_too_large",
                     "The documentation search answered more than 4 MiB. Ask a "
                     "narrower question.",
                     std::move(details));
  case errc::cancelled:
  case errc::internal:
    throw failure_exception(why);
  default:
    break;
  }
  throw tool_error("upstream_error",
                   why.http_status != 0
                     ? "The documentation search answered with HTTP status "
                         + std::to_string(why.http_status) + "."
                     : why.message,
                   std::move(details));
}

} // namespace

task<docs_found> search_docs(call_context& context, std::string query) {
  std::optional<failure> first;
  int requests = 0;
  for (const auto& url : context.limits().docs_urls) {
    docs_server server(context, url, requests);
    std::optional<failure> why;
    try {
      auto text = co_await server.ask(query);
      if (!text.empty())
        co_return docs_found{std::move(text), host_of(server.url())};
    } catch (const failure_exception& e) {
      why = e.reason;
    }
    if (!why)
      throw tool_error("no_results",
                       "The documentation has nothing for this. Use other, "
                       "fewer or more general words.");
    if (!first)
      first = why;
    if (!is_of_this_server(*why))
      break;
  }
  if (first)
    throw_docs_error(*first);
  throw tool_error("docs_proxy_disabled",
                   "The operator of this server has switched the documentation "
                   "search off.");
}

} // namespace mcp::tools
