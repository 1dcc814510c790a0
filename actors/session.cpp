#include "actors/session.hpp"

#include "actors/call_log.hpp"
#include "actors/notice_hub.hpp"
#include "protocol/mcp/client_answers.hpp"

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
    const auto requests =
      std::count_if(in.batch->messages.begin(), in.batch->messages.end(),
                    [](auto& m) { return m.kind == message_kind::request; });
    const auto route = requests > 0
                         ? st_.routes->open(in.from, in.connection, in.post,
                                            static_cast<std::size_t>(requests),
                                            in.batch->one_answer)
                         : 0;
    in.batch->taken = true;
    for (auto& m : in.batch->messages)
      if (m.kind == message_kind::request)
        request(route, m);
      else if (m.kind == message_kind::notification)
        notification(m);
      else
        response(m);
    rest();
  }

  void news(const call_news& n) {
    heard(n);
    touch();
    rest();
  }

  /// A call wants to know something: one request of ours for each question, on
  /// the stream of the request that the call answers.
  void asked(const call_asks& a) {
    const auto it = st_.calls.find(a.call);
    if (it == st_.calls.end())
      return;
    if (!st_.routes->can_stream(it->second.route))
      return answer_asking(
        a.call, a.id,
        failure{.message = "The client takes no event stream, so it can't be "
                           "asked."});
    auto& asking = st_.asks.emplace_back();
    asking.call = a.call;
    asking.id = a.id;
    for (const auto& [key, question] : *a.questions) {
      const auto id = "\"ask-" + std::to_string(++st_.last_question) + '"';
      asking.open.emplace(id, std::pair(key, question));
      st_.routes->notify(
        sender(), it->second.route,
        share(write_client_request(id, question, st_.claims.negotiated)));
    }
  }

  void peer_left(const peer_gone& g) {
    // Nobody can receive these answers any more, so the work ends as well.
    if (const auto route = st_.routes->left(g.from, g.post))
      cancel_calls([&](const auto& r) { return r.route == *route; });
    count_streams();
    touch();
    rest();
  }

  void open(const stream_open& s) {
    touch();
    if (s.last_event_id.empty())
      st_.routes->listen(sender(), s.from, s.post);
    else if (!st_.routes->resume(sender(), s.from, s.post, s.last_event_id))
      self_->send(s.from,
                  outbound{.post = s.post, .kind = outbound_kind::refuse});
    count_streams();
  }

  void finish() {
    cancel_calls([](const auto&) { return true; });
    st_.routes->close(sender(), true);
    count_streams();
    self_->quit();
  }

  void retire() {
    st_.retiring = true;
    rest();
  }

  void close_streams() {
    st_.routes->close(sender(), false);
    count_streams();
  }

  void alarm() {
    st_.alarm_set = false;
    for (auto& [number, r] : st_.calls) {
      const auto age = now() - r.started;
      if (!r.quiet && age >= services_.quiet_after) {
        r.quiet = true;
        st_.routes->keep_open(sender(), r.route);
      }
      if (!r.overdue && age >= r.budget) {
        r.overdue = true;
        self_->send(r.call, alarm_atom_v);
      }
    }
    set_alarm();
  }

  void tell(const notice& n) {
    if (n.what.method == "notifications/tasks")
      return; // of the stateless era
    if (n.what.method == "notifications/resources/updated"
        && !st_.subscriptions.contains(
          std::string(n.what.params.at("uri").as_string())))
      return;
    st_.routes->announce(sender(), share(write_notification(n.what)));
  }

  /// Asks the hub for what changes, once.
  void watch() {
    if (st_.watching || !services_.hub)
      return;
    st_.watching = true;
    self_->send(services_.hub, join_atom_v,
                caf::actor_cast<watcher_actor>(self_), st_.client);
  }

  /// A call ended without a word: a fault of ours.
  void call_died(const caf::down_msg& down) {
    auto it =
      std::find_if(st_.calls.begin(), st_.calls.end(), [&](const auto& item) {
        return item.second.call.address() == down.source;
      });
    if (it == st_.calls.end())
      return;
    const call_notes why{.fault = self_->system().render(down.reason)};
    log(it->second, "died", &why);
    answer(it->second.route,
           jsonrpc::write_error(it->second.id, -32603, "internal error"));
    forget(it);
    rest();
  }

private:
  void heard(const call_news& n) {
    const auto it = st_.calls.find(n.call);
    if (it == st_.calls.end())
      return; // cancelled; the news crossed
    auto& r = it->second;
    switch (n.kind) {
    case call_news_kind::progress:
      return st_.routes->notify(sender(), r.route, n.text);
    case call_news_kind::log:
      if (reaches(n.level, st_.wanted_log))
        st_.routes->notify(sender(), r.route, n.text);
      return;
    case call_news_kind::let_go:
      return st_.routes->let_go(sender(), r.route);
    case call_news_kind::changed:
      if (services_.hub)
        self_->send(services_.hub, change_notice(*n.text, st_.client));
      return;
    case call_news_kind::done:
    case call_news_kind::failed:
      break;
    }
    log(r, n.outcome, &n.notes);
    answer(r.route, n.kind == call_news_kind::done
                      ? jsonrpc::write_result(r.id, *n.text)
                      : jsonrpc::write_error(r.id, n.code, *n.text,
                                             n.data ? *n.data : json::value()));
    forget(it);
  }

  void log(const session_state::running& r, std::string_view outcome,
           const call_notes* notes) {
    log_call({.subject = r.subject,
              .label = r.label,
              .request = st_.routes->label(r.route),
              .session = st_.label,
              .outcome = outcome,
              .took = now() - r.started,
              .notes = notes});
  }

  /// Ends the session when it is to end and has nothing left to do.
  void rest() {
    if (st_.retiring && st_.calls.empty() && st_.routes->listeners() == 0)
      self_->quit();
  }

  void request(route_id route, message& m) {
    const auto spoken = st_.claims.negotiated;
    if (m.method == "ping")
      return answer(route, jsonrpc::write_result(m.id, "{}"));
    if (m.method == "initialize")
      return refuse(route, m, errc::invalid_request,
                    "this session is initialized already; to start another, "
                    "send initialize without Mcp-Session-Id");
    if (!offers_method(m.method, spoken, services_.features))
      return refuse(
        route, m, errc::unknown_method,
        refuse_method(m.method, spoken, services_.features).message);
    const auto page = services_.catalog->page(m.method, m.params, spoken);
    if (!page)
      return answer(route, write_refusal(m.id, page.error()));
    if (*page)
      return answer(route, jsonrpc::write_result(m.id, **page));
    if (tools::catalog::runs(m.method))
      return start_call(route, m);
    if (m.method == "logging/setLevel")
      return set_log_level(route, m);
    if (m.method == "resources/subscribe")
      return subscribe(route, m, true);
    if (m.method == "resources/unsubscribe")
      return subscribe(route, m, false);
    refuse(route, m, errc::unknown_method, "unknown method");
  }

  void start_call(route_id route, message& m) {
    auto order = std::make_shared<call_order>();
    if (!read_progress_token(m.params, *order))
      return refuse(route, m, errc::invalid_params,
                    "params._meta.progressToken: expected a string or an "
                    "integer");
    auto plan = services_.catalog->plan(m.method, std::move(m.params),
                                        st_.claims.negotiated);
    if (!plan)
      return refuse(route, m, plan.error().code, plan.error().message);
    if (st_.calls.size() >= services_.max_calls) {
      const failure busy{.code = errc::server_busy,
                         .message = "too many calls of one session run at once",
                         .retry_after = std::chrono::milliseconds(1000)};
      return answer(route, jsonrpc::write_error(m.id, busy));
    }
    const auto number = ++st_.last_call;
    session_state::running r;
    r.id = std::move(m.id);
    r.route = route;
    r.subject = plan->subject;
    r.label = plan->label;
    r.started = now();
    r.budget = plan->budget;
    order->number = number;
    order->owner = caf::actor_cast<call_owner_actor>(self_);
    order->client = st_.client;
    order->plan = std::move(*plan);
    order->client_capabilities = to_json(st_.claims.capabilities);
    order->spoken = st_.claims.negotiated;
    const auto here = st_.calls.emplace(number, std::move(r)).first;
    auto begun = begin_call(self_, std::move(order), services_.limits);
    here->second.call = std::move(begun.actor);
    for (const auto& n : begun.told)
      heard(n);
    st_.activity->calls = static_cast<int>(st_.calls.size());
    set_alarm();
  }

  static bool read_progress_token(const json::object& params,
                                  call_order& order) {
    const auto* meta = params.if_contains("_meta");
    if (!meta || !meta->is_object())
      return true;
    const auto* token = meta->get_object().if_contains("progressToken");
    if (!token || token->is_null())
      return true;
    if (!jsonrpc::read_id(*token))
      return false;
    order.progress_token = *token;
    return true;
  }

  void set_log_level(route_id route, const message& m) {
    const auto* text = m.params.if_contains("level");
    const auto level = text && text->is_string()
                         ? parse_log_level(text->get_string())
                         : std::nullopt;
    if (!level)
      return refuse(route, m, errc::invalid_params,
                    "params.level: expected one of debug, info, notice, "
                    "warning, error, critical, alert, emergency");
    st_.wanted_log = level;
    answer(route, jsonrpc::write_result(m.id, "{}"));
  }

  void subscribe(route_id route, const message& m, bool on) {
    const auto* uri = m.params.if_contains("uri");
    if (!uri || !uri->is_string())
      return refuse(route, m, errc::invalid_params,
                    "params.uri: expected the resource's URI");
    const std::string name(uri->get_string());
    if (!on)
      st_.subscriptions.erase(name);
    else if (st_.subscriptions.size() < services_.max_subscriptions
             && name.size() <= 2048) {
      st_.subscriptions.insert(name);
      watch();
    } else
      return refuse(route, m, errc::server_busy,
                    "too many subscriptions in one session");
    answer(route, jsonrpc::write_result(m.id, "{}"));
  }

  void notification(const message& m) {
    if (m.method != "notifications/cancelled")
      return; // initialized, progress, roots/list_changed: nothing to do
    const auto* given = m.params.if_contains("requestId");
    const auto id = given ? jsonrpc::read_id(*given) : std::nullopt;
    if (id)
      cancel_calls([&](const auto& r) { return r.id == *id; });
  }

  /// The client's answer to one of our questions.
  void response(const message& m) {
    for (auto it = st_.asks.begin(); it != st_.asks.end(); ++it) {
      const auto open = it->open.find(m.id);
      if (open == it->open.end())
        continue;
      const auto& [key, question] = open->second;
      if (m.error)
        return end_asking(it, client_said_no(question, *m.error));
      if (auto good = check_answer(*m.result, question); !good)
        return end_asking(it, good.error());
      it->answers.insert_or_assign(key, *m.result);
      it->open.erase(open);
      if (it->open.empty())
        end_asking(it,
                   upstream_reply{.body = share(json::serialize(it->answers))});
      return;
    }
  }

  void end_asking(std::vector<session_state::asking>::iterator it,
                  upstream_result outcome) {
    answer_asking(it->call, it->id, std::move(outcome));
    st_.asks.erase(it);
  }

  void answer_asking(std::uint64_t number, std::uint64_t id,
                     upstream_result outcome) {
    if (!outcome) {
      auto why = outcome.error();
      why.code = errc::client_refused;
      outcome = std::move(why);
    }
    if (const auto call = st_.calls.find(number); call != st_.calls.end())
      self_->send(call->second.call,
                  fetch_reply{id, std::make_shared<upstream_result>(
                                    std::move(outcome))});
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
      log(r, "cancelled", nullptr);
      self_->demonitor(r.call.address());
      self_->send(r.call, cancel_atom_v);
      st_.routes->answer(sender(), r.route, nullptr);
      forget(here);
    }
  }

  void forget(std::map<std::uint64_t, session_state::running>::iterator it) {
    std::erase_if(st_.asks, [&](const auto& a) { return a.call == it->first; });
    st_.calls.erase(it);
    st_.activity->calls = static_cast<int>(st_.calls.size());
  }

  void refuse(route_id route, const message& m, errc code, std::string why) {
    const failure f{.code = code, .message = std::move(why)};
    answer(route, jsonrpc::write_error(m.id, f));
  }

  void answer(route_id route, std::string text) {
    st_.routes->answer(sender(), route, share(std::move(text)));
  }

  session_routes::sender sender() {
    return [self = self_](const peer_actor& to, outbound o) {
      self->send(to, std::move(o));
    };
  }

  void count_streams() {
    st_.activity->streams = static_cast<int>(st_.routes->listeners());
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
  st.routes.emplace(claims.negotiated);
  st.claims = std::move(claims);
  st.client = std::move(client);
  st.activity = std::move(activity);
  st.label = std::move(label);
  const auto rules = [self, services] { return conversation(self, *services); };
  self->set_down_handler(
    [rules](const caf::down_msg& down) { rules().call_died(down); });
  const auto& has = services->features;
  if (has.tools_changed || has.prompts_changed || has.resources_changed)
    rules().watch();
  return {
    [rules](const call_news& n) { rules().news(n); },
    [rules](const call_asks& a) { rules().asked(a); },
    [rules](const inbound& in) { rules().receive(in); },
    [rules](const peer_gone& g) { rules().peer_left(g); },
    [rules](const stream_open& s) { rules().open(s); },
    [rules](const notice& n) { rules().tell(n); },
    [rules](finish_atom) { rules().finish(); },
    [rules](retire_atom) { rules().retire(); },
    [rules](drain_atom) { rules().close_streams(); },
    [rules](alarm_atom) { rules().alarm(); },
  };
}

} // namespace mcp
