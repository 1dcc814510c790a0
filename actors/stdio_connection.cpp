#include "actors/stdio_connection.hpp"

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
    auto messages = std::make_shared<std::vector<jsonrpc::message>>();
    for (auto& m : envelope->messages) {
      if (!m)
        services_.write(jsonrpc::write_error(m.error().id, m.error().why));
      else if (st_.session || !before_initialize(*m))
        messages->push_back(std::move(*m));
    }
    if (messages->empty())
      return;
    for (const auto& m : *messages)
      st_.awaited += m.kind == message_kind::request ? 1 : 0;
    self_->send(st_.session, inbound{self_, 0, ++st_.posts, messages});
  }

  void out(const outbound& o) {
    if (o.text)
      services_.write(*o.text);
    if (o.kind == outbound_kind::answer)
      --st_.awaited;
    end_when_done();
  }

  void input_ended() {
    st_.input_ended = true;
    end_when_done();
  }

private:
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
  return {
    [rules](const outbound& o) { rules().out(o); },
    [rules](line_atom, const std::string& text) { rules().line(text); },
    [rules](gone_atom) { rules().input_ended(); },
  };
}

} // namespace mcp
