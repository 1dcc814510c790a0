#include "actors/stdio_connection.hpp"

#include "actors/notice_hub.hpp"
#include "actors/stateless_front.hpp"

namespace mcp {
namespace {

using self_pointer = stdio_actor::stateful_pointer<stdio_state>;
using jsonrpc::message_kind;

class line_router {
public:
  line_router(self_pointer self, const stdio_services& services,
              const wandb_client_actor& client)
      : self_(self), st_(self->state), services_(services), client_(client) {}

  void line(const std::string& text) {
    // The line's buffer keeps room behind the text, but a message through an
    // actor's mailbox may be copied, so the parser gets one that surely does.
    std::string padded = text;
    padded.reserve(padded.size() + 64);
    auto envelope = jsonrpc::read_envelope(padded);
    if (!envelope)
      return services_.write(jsonrpc::write_error({}, envelope.error()));
    if (envelope->batch && !(st_.session && has_batches(st_.negotiated)))
      return services_.write(jsonrpc::write_error(
        {},
        {.code = errc::invalid_request,
         .message = "batches are part of protocol version 2025-03-26 only"}));
    auto batch = std::make_shared<message_batch>();
    for (auto& m : envelope->messages) {
      if (!m)
        refuse(m.error());
      else if (alone(*m))
        stateless(*m);
      else if (st_.session || !before_initialize(*m))
        batch->messages.push_back(std::move(*m));
    }
    if (batch->messages.empty())
      return;
    for (const auto& m : batch->messages)
      st_.awaited += m.kind == message_kind::request ? 1 : 0;
    self_->send(st_.session, inbound{self_, 0, ++st_.posts, batch});
  }

  void out(const outbound& o) {
    if (o.text)
      services_.write(*o.text);
    if (o.kind == outbound_kind::answer) {
      --st_.awaited;
      st_.open.erase(o.post);
      st_.listening.erase(o.post);
    }
    end_when_done();
  }

  void input_ended() {
    st_.input_ended = true;
    while (!st_.listening.empty())
      drop(*st_.listening.begin());
    end_when_done();
  }

  void news(const call_news& n) {
    if (n.kind != call_news_kind::changed)
      return st_.calls.news(to_here(), n, self_->clock().now());
    if (const auto* r = st_.calls.find(n.call); r && services_.hub)
      self_->send(services_.hub, change_notice(*n.text, r->user));
  }

  void asked(const call_asks& a) { st_.calls.asked(to_here(), a); }

  void alarm() {
    st_.alarm_set = false;
    st_.calls.look(to_here(), self_->clock().now());
    set_alarm();
  }

  void down(const caf::down_msg& d) {
    st_.calls.died(to_here(), d.source, self_->system().render(d.reason));
  }

private:
  void refuse(const jsonrpc::rejected& why) {
    if (!why.unanswered)
      services_.write(jsonrpc::write_error(why.id, why.why));
  }

  /// Whether a message is one of those that need no session.
  bool alone(const jsonrpc::message& m) const {
    if (!services_.stateless)
      return false;
    // A cancellation says nothing of its era; its id does.
    if (m.kind == message_kind::notification
        && m.method == "notifications/cancelled")
      return post_of(m).has_value();
    return is_stateless(m, std::nullopt, false);
  }

  std::optional<std::uint64_t> post_of(const jsonrpc::message& m) const {
    const auto* given = m.params.if_contains("requestId");
    const auto id = given ? jsonrpc::read_id(*given) : std::nullopt;
    for (const auto& [post, open_id] : st_.open)
      if (id && open_id == *id)
        return post;
    return std::nullopt;
  }

  void stateless(jsonrpc::message& m) {
    if (m.kind == message_kind::notification) {
      if (const auto post = post_of(m))
        drop(*post);
      return;
    }
    const auto post = ++st_.posts;
    ++st_.awaited;
    st_.open.emplace(post, m.id);
    auto step = read_stateless(*services_.stateless, m, nullptr, {});
    if (auto* a = std::get_if<stateless_answer>(&step))
      return out({.post = post, .text = std::move(a->text)});
    if (auto* call = std::get_if<std::shared_ptr<ready_call>>(&step))
      return run(post, std::move(*call));
    if (auto* listen = std::get_if<stateless_listen>(&step)) {
      st_.listening.insert(post);
      return self_->send(services_.hub,
                         listen_order{self_, post, std::move(listen->id),
                                      std::make_shared<subscription_filter>(
                                        std::move(listen->filter)),
                                      client_});
    }
    auto& task = std::get<stateless_task>(step);
    self_->send(
      services_.tasks,
      task_question{self_, post, std::move(task.id), std::move(task.method),
                    std::make_shared<task_request>(std::move(task.what)),
                    client_});
  }

  void run(std::uint64_t post, std::shared_ptr<ready_call> call) {
    call->post = post;
    if (may_become_task(*call))
      return self_->send(services_.tasks,
                         task_run{std::move(call), self_, client_});
    st_.calls.start(self_, to_here(), std::move(call), {}, client_,
                    [this](const call_news& n) { news(n); });
    set_alarm();
  }

  /// Ends a request without an answer.
  void drop(std::uint64_t post) {
    st_.calls.cancel(self_->address(), post);
    const peer_gone left{self_->address(), post};
    self_->send(services_.hub, left);
    self_->send(services_.tasks, left);
    out({.post = post});
  }

  stateless_calls::sender to_here() {
    return
      [me = *this](const peer_actor&, const outbound& o) mutable { me.out(o); };
  }

  void set_alarm() {
    if (st_.alarm_set || st_.calls.empty())
      return;
    st_.alarm_set = true;
    self_->delayed_send(self_, std::chrono::seconds(1), alarm_atom_v);
  }

  /// Answers what comes before there is a session. Gives true: it is done.
  bool before_initialize(const jsonrpc::message& m) {
    if (m.kind != message_kind::request)
      return true;
    if (m.method == "ping") {
      services_.write(jsonrpc::write_result(m.id, "{}"));
      return true;
    }
    if (m.method != "initialize") {
      services_.write(jsonrpc::write_error(
        m.id, failure{.code = errc::invalid_request,
                      .message = "call initialize first"}));
      return true;
    }
    auto claims = read_initialize(m.params);
    if (!claims) {
      services_.write(jsonrpc::write_error(m.id, claims.error()));
      return true;
    }
    st_.negotiated = claims->negotiated;
    st_.session = self_->spawn(session, *claims, client_,
                               std::make_shared<session_activity>(), "stdio",
                               services_.session);
    services_.write(jsonrpc::write_result(
      m.id, initialize_result(st_.negotiated, services_.server,
                              services_.session->features)));
    return true;
  }

  void end_when_done() {
    if (!st_.input_ended || st_.awaited > 0)
      return;
    if (st_.session)
      self_->send(st_.session, finish_atom_v);
    self_->quit();
  }

  self_pointer self_;
  stdio_state& st_;
  const stdio_services& services_;
  const wandb_client_actor& client_;
};

} // namespace

stdio_actor::behavior_type
stdio_connection(self_pointer self, wandb_client_actor client,
                 std::shared_ptr<const stdio_services> services) {
  const auto rules = [self, client, services] {
    return line_router(self, *services, client);
  };
  if (services->stateless)
    self->state.calls = stateless_calls(*services->stateless);
  self->set_down_handler([rules](const caf::down_msg& d) { rules().down(d); });
  return {
    [rules](const call_news& n) { rules().news(n); },
    [rules](const call_asks& a) { rules().asked(a); },
    [rules](alarm_atom) { rules().alarm(); },
    [rules](const outbound& o) { rules().out(o); },
    [rules](line_atom, const std::string& text) { rules().line(text); },
    [rules](gone_atom) { rules().input_ended(); },
  };
}

} // namespace mcp
