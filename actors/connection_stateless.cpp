#include "actors/connection_router.hpp"
#include "actors/notice_hub.hpp"
#include "actors/stateless_front.hpp"

#include <spdlog/spdlog.h>

#include <deque>

namespace mcp {
namespace {

constexpr std::chrono::seconds alarm_every{1};

/// Headers by name; one that came several times is one text.
class header_values {
public:
  explicit header_values(const net::http_request& r) : fields_(r.headers) {}

  std::optional<std::string_view> operator()(std::string_view name) {
    std::optional<std::string_view> out;
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      const auto [n, value] = fields_.at(i);
      if (!net::same_but_for_case(n, name))
        continue;
      if (out)
        out = joined_.emplace_back(*out).append(", ").append(value);
      else
        out = value;
    }
    return out;
  }

private:
  const net::header_list& fields_;
  std::deque<std::string> joined_;
};

/// Several cases of one visitor.
template <class... Cases>
struct cases : Cases... {
  using Cases::operator()...;
};

} // namespace

void connection_router::stateless(const net::http_request& r,
                                  jsonrpc::message& m, secret key) {
  header_values headers(r);
  const header_lookup lookup = [&headers](std::string_view name) {
    return headers(name);
  };
  const auto user = services_.sealer->fingerprint(key.reveal());
  auto step = read_stateless(*services_.stateless, m, &lookup, user);
  st_.awaited = 1;
  std::visit(
    cases{
      [&](stateless_answer& a) {
        if (a.status >= 400)
          st_.refusal = a.status == 404 ? "unknown method" : "bad request";
        if (!a.text)
          return respond(empty_response(static_cast<http::status>(a.status)));
        out({.post = st_.post, .text = std::move(a.text), .status = a.status});
      },
      [&](std::shared_ptr<ready_call>& call) {
        call->post = st_.post;
        call->connection = st_.number;
        with_client(user, std::move(key),
                    [call](connection_router& me, const auto& client) {
                      me.run(call, client);
                    });
      },
      [&](stateless_listen& order) {
        if (!st_.takes.stream)
          return not_acceptable("subscriptions/listen is answered with an "
                                "event stream: send 'Accept: "
                                "text/event-stream'.");
        with_client(user, std::move(key),
                    [order](connection_router& me, const auto& client) mutable {
                      me.listen(order, client);
                    });
      },
      [&](stateless_task& asked) {
        with_client(user, std::move(key),
                    [asked](connection_router& me, const auto& client) mutable {
                      me.ask_board(asked, client);
                    });
      }},
    step);
}

template <class Then>
void connection_router::with_client(const key_fingerprint& user, secret key,
                                    Then then) {
  if (st_.client && same_fingerprint(st_.user, user))
    return then(*this, st_.client);
  self_
    ->request(services_.pool, caf::infinite, acquire_atom_v, user,
              std::move(key))
    .then(
      [me = *this, post = st_.post, user,
       then](const wandb_client_actor& client) mutable {
        if (!me.still(post))
          return;
        me.st_.user = user;
        me.st_.client = client;
        then(me, client);
      },
      [me = *this, post = st_.post](caf::error& e) mutable {
        me.failed(post, e);
      });
}

void connection_router::run(std::shared_ptr<ready_call> call,
                            const wandb_client_actor& user) {
  if (services_.tasks && may_become_task(*call)) {
    st_.at = connection_state::place::board;
    return self_->send(services_.tasks, task_run{std::move(call), self_, user});
  }
  st_.calls.start(self_, to_here(), std::move(call), {}, user,
                  [this](const call_news& n) { news(n); });
  set_alarm();
}

void connection_router::listen(stateless_listen& order,
                               const wandb_client_actor& user) {
  st_.at = connection_state::place::hub;
  self_->send(services_.hub,
              listen_order{self_, st_.post, std::move(order.id),
                           std::make_shared<const subscription_filter>(
                             std::move(order.filter)),
                           user});
}

void connection_router::ask_board(stateless_task& asked,
                                  const wandb_client_actor& user) {
  st_.at = connection_state::place::board;
  self_->send(
    services_.tasks,
    task_question{self_, st_.post, std::move(asked.id), std::move(asked.method),
                  std::make_shared<const task_request>(std::move(asked.what)),
                  user});
}

void connection_router::news(const call_news& n) {
  if (n.kind != call_news_kind::changed)
    return st_.calls.news(to_here(), n, self_->clock().now());
  if (const auto* r = st_.calls.find(n.call); r && services_.hub)
    self_->send(services_.hub, change_notice(*n.text, r->user));
}

void connection_router::asked(const call_asks& a) {
  st_.calls.asked(to_here(), a);
}

void connection_router::alarm() {
  st_.alarm_set = false;
  st_.calls.look(to_here(), self_->clock().now());
  set_alarm();
}

stateless_calls::sender connection_router::to_here() {
  return
    [me = *this](const peer_actor&, const outbound& o) mutable { me.out(o); };
}

void connection_router::set_alarm() {
  if (st_.alarm_set || st_.calls.empty())
    return;
  st_.alarm_set = true;
  self_->delayed_send(self_, alarm_every, alarm_atom_v);
}

} // namespace mcp
