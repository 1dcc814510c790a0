#include "actors/session.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace mcp {
namespace {

namespace json = boost::json;
using self_pointer = session_actor::stateful_pointer<session_state>;
using jsonrpc::message;
using jsonrpc::message_kind;

constexpr std::chrono::seconds alarm_every{1};

shared_text share(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

/// The rules of one session, over its state. All functions run inside the
/// actor.
class conversation {
public:
  conversation(self_pointer self, const session_services& services)
      : self_(self), st_(self->state), services_(services) {}

  void receive(const inbound& in) {
    touch();
    for (auto& m : *in.messages)
      if (m.kind == message_kind::request)
        request(in, m);
      else if (m.kind == message_kind::notification)
        notification(m);
  }

  void news(const call_news& n) {
    auto it = st_.calls.find(n.call);
    if (it == st_.calls.end())
      return; // cancelled; the news crossed
    auto& r = it->second;
    if (n.kind == call_news_kind::progress) {
      send(r.from, r.post, outbound_kind::notification, n.text);
      return;
    }
    const auto took =
      std::chrono::duration_cast<std::chrono::milliseconds>(now() - r.started);
    spdlog::info("call tool={} request={}.{} session={} outcome={} ms={}",
                 r.tool->what->name, r.connection, r.post, st_.label, n.outcome,
                 took.count());
    const auto text = n.kind == call_news_kind::done
                        ? jsonrpc::write_result(r.id, *n.text)
                        : jsonrpc::write_error(r.id, -32603, *n.text);
    answer(r.from, r.post, text);
    forget(it);
    touch();
  }

  void peer_left(const peer_gone& g) {
    std::erase_if(st_.streams, [&](const auto& s) {
      return s.post == g.post && s.to.address() == g.from;
    });
    st_.activity->streams = static_cast<int>(st_.streams.size());
    // Nobody can receive these answers any more, so the work ends as well.
    cancel_calls([&](const auto& r) {
      return r.post == g.post && r.from.address() == g.from;
    });
    touch();
  }

  void open(const stream_open& s) {
    touch();
    st_.streams.push_back({s.from, s.post});
    st_.activity->streams = static_cast<int>(st_.streams.size());
  }

  void finish() {
    cancel_calls([](const auto&) { return true; });
    close_streams();
    self_->quit();
  }

  void close_streams() {
    for (const auto& s : st_.streams)
      send(s.to, s.post, outbound_kind::end, nullptr);
    st_.streams.clear();
    st_.activity->streams = 0;
  }

  void alarm() {
    st_.alarm_set = false;
    for (auto& [number, r] : st_.calls) {
      const auto age = now() - r.started;
      if (!r.quiet && age >= services_.quiet_after) {
        r.quiet = true;
        send(r.from, r.post, outbound_kind::keep_open, nullptr);
      }
      if (!r.overdue && age >= r.tool->what->budget) {
        r.overdue = true;
        self_->send(r.call, alarm_atom_v);
      }
    }
    set_alarm();
  }

  /// A call ended without a word: a fault of ours.
  void call_died(const caf::down_msg& down) {
    auto it =
      std::find_if(st_.calls.begin(), st_.calls.end(), [&](const auto& item) {
        return item.second.call.address() == down.source;
      });
    if (it == st_.calls.end())
      return;
    spdlog::error("call tool={} session={} died: {}",
                  it->second.tool->what->name, st_.label,
                  self_->system().render(down.reason));
    answer(it->second.from, it->second.post,
           jsonrpc::write_error(it->second.id, -32603, "internal error"));
    forget(it);
  }

private:
  void request(const inbound& in, message& m) {
    if (m.method == "ping")
      return answer(in.from, in.post, jsonrpc::write_result(m.id, "{}"));
    if (m.method == "tools/call")
      return call_tool(in, m);
    if (m.method == "tools/list") {
      if (m.params.contains("cursor"))
        return refuse(in, m, errc::invalid_params,
                      "unknown cursor: the list has one page");
      return answer(in.from, in.post,
                    jsonrpc::write_result(m.id, services_.catalog->list_result(
                                                  st_.claims.negotiated)));
    }
    if (m.method == "initialize")
      return refuse(in, m, errc::invalid_request,
                    "this session is initialized already; to start another, "
                    "send initialize without Mcp-Session-Id");
    refuse(in, m, errc::unknown_method, "unknown method");
  }

  void call_tool(const inbound& in, message& m) {
    const auto* name = m.params.if_contains("name");
    if (!name || !name->is_string())
      return refuse(in, m, errc::invalid_params,
                    "params.name: expected the tool's name");
    const auto* tool = services_.catalog->find(name->get_string());
    if (!tool)
      return refuse(in, m, errc::invalid_params,
                    "unknown tool; tools/list names those there are");
    auto order = std::make_shared<call_order>();
    if (auto* arguments = m.params.if_contains("arguments")) {
      if (arguments->is_object())
        order->arguments = std::move(arguments->get_object());
      else if (!arguments->is_null())
        return refuse(in, m, errc::invalid_params,
                      "params.arguments: expected an object");
    }
    if (!read_progress_token(m.params, *order))
      return refuse(in, m, errc::invalid_params,
                    "params._meta.progressToken: expected a string or an "
                    "integer");
    if (st_.calls.size() >= services_.max_calls) {
      const failure busy{.code = errc::server_busy,
                         .message = "too many calls of one session run at once",
                         .retry_after = std::chrono::milliseconds(1000)};
      return answer(in.from, in.post, jsonrpc::write_error(m.id, busy));
    }
    const auto number = ++st_.last_call;
    order->number = number;
    order->session = self_;
    order->client = st_.client;
    order->tool = tool;
    order->negotiated = st_.claims.negotiated;
    auto actor =
      self_->spawn<caf::monitored>(call, std::move(order), services_.limits);
    st_.calls.emplace(number, session_state::running{std::move(m.id), in.from,
                                                     in.connection, in.post,
                                                     actor, tool, now()});
    st_.activity->calls = static_cast<int>(st_.calls.size());
    self_->send(actor, begin_atom_v);
    set_alarm();
  }

  static bool read_progress_token(const json::object& params,
                                  call_order& order) {
    const auto* meta = params.if_contains("_meta");
    if (!meta || !meta->is_object())
      return true;
    const auto* token = meta->get_object().if_contains("progressToken");
    if (!token)
      return true;
    if (!token->is_string() && !token->is_int64() && !token->is_uint64())
      return false;
    order.progress_token = *token;
    return true;
  }

  void notification(const message& m) {
    if (m.method != "notifications/cancelled")
      return; // initialized, progress, roots/list_changed: nothing to do
    const auto* id = m.params.if_contains("requestId");
    if (!id)
      return;
    const auto text = json::serialize(*id);
    cancel_calls([&](const auto& r) { return r.id == text; });
  }

  /// Ends calls without an answer (MCP, basic/utilities/cancellation: the
  /// receiver should not send a response). Their posts still have to end.
  template <class Predicate>
  void cancel_calls(Predicate which) {
    for (auto it = st_.calls.begin(); it != st_.calls.end();) {
      const auto here = it++;
      if (!which(here->second))
        continue;
      auto& r = here->second;
      spdlog::info("call tool={} request={}.{} session={} outcome=cancelled",
                   r.tool->what->name, r.connection, r.post, st_.label);
      self_->demonitor(r.call.address());
      self_->send(r.call, cancel_atom_v);
      send(r.from, r.post, outbound_kind::answer, nullptr);
      forget(here);
    }
  }

  void forget(std::map<std::uint64_t, session_state::running>::iterator it) {
    st_.calls.erase(it);
    st_.activity->calls = static_cast<int>(st_.calls.size());
  }

  void refuse(const inbound& in, const message& m, errc code, std::string why) {
    const failure f{.code = code, .message = std::move(why)};
    answer(in.from, in.post, jsonrpc::write_error(m.id, f));
  }

  void answer(const peer_actor& to, std::uint64_t post, std::string text) {
    send(to, post, outbound_kind::answer, share(std::move(text)));
  }

  void send(const peer_actor& to, std::uint64_t post, outbound_kind kind,
            shared_text text) {
    self_->send(to, outbound{post, kind, std::move(text)});
  }

  void set_alarm() {
    if (st_.alarm_set || st_.calls.empty())
      return;
    st_.alarm_set = true;
    self_->delayed_send(self_, alarm_every, alarm_atom_v);
  }

  clock::time_point now() const { return self_->clock().now(); }
  void touch() {
    st_.activity->used.store(now().time_since_epoch().count(),
                             std::memory_order_relaxed);
  }

  self_pointer self_;
  session_state& st_;
  const session_services& services_;
};

} // namespace

session_actor::behavior_type
session(self_pointer self, session_claims claims, wandb_client_actor client,
        std::shared_ptr<session_activity> activity, std::string label,
        std::shared_ptr<const session_services> services) {
  auto& st = self->state;
  st.claims = std::move(claims);
  st.client = std::move(client);
  st.activity = std::move(activity);
  st.label = std::move(label);
  const auto rules = [self, services] { return conversation(self, *services); };
  self->set_down_handler(
    [rules](const caf::down_msg& down) { rules().call_died(down); });
  return {
    [rules](const inbound& in) { rules().receive(in); },
    [rules](const call_news& n) { rules().news(n); },
    [rules](const peer_gone& g) { rules().peer_left(g); },
    [rules](const stream_open& s) { rules().open(s); },
    [rules](finish_atom) { rules().finish(); },
    [rules](drain_atom) { rules().close_streams(); },
    [rules](alarm_atom) { rules().alarm(); },
  };
}

} // namespace mcp
