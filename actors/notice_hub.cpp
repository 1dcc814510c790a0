#include "actors/notice_hub.hpp"

namespace mcp {
namespace {

using self_pointer = notice_hub_actor::stateful_pointer<notice_hub_state>;

shared_text share(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

class hub {
public:
  hub(self_pointer self, const notice_hub_options& options)
      : self_(self), st_(self->state), options_(options) {}

  void listen(const listen_order& order) {
    if (st_.draining)
      return end(order);
    auto& held = st_.per_user[order.user.address()];
    if (held >= options_.max_per_user) {
      const failure busy{.code = errc::server_busy,
                         .message = "too many subscriptions of one user",
                         .retry_after = std::chrono::milliseconds(10'000)};
      return self_->send(
        order.from,
        outbound{.post = order.post,
                 .text = share(jsonrpc::write_error(order.id, busy))});
    }
    ++held;
    st_.listeners.insert_or_assign({order.from.address(), order.post}, order);
    self_->send(
      order.from,
      outbound{.post = order.post,
               .kind = outbound_kind::notification,
               .text = share(write_acknowledgement(order.id, *order.filter))});
  }

  void gone(const peer_gone& g) {
    const auto it = st_.listeners.find({g.from, g.post});
    if (it == st_.listeners.end())
      return;
    const auto user = st_.per_user.find(it->second.user.address());
    if (user != st_.per_user.end() && --user->second == 0)
      st_.per_user.erase(user);
    st_.listeners.erase(it);
  }

  void tell(const notice& n) {
    for (const auto& [key, order] : st_.listeners)
      if ((!n.user || n.user == order.user) && wants(*order.filter, n.what))
        self_->send(
          order.from,
          outbound{.post = order.post,
                   .kind = outbound_kind::notification,
                   .text = share(write_notification(n.what, order.id))});
    for (const auto& [key, w] : st_.watchers)
      if (!n.user || n.user == w.user)
        self_->send(w.watcher, n);
  }

  void join(const watcher_actor& watcher, const wandb_client_actor& user) {
    self_->monitor(watcher);
    st_.watchers.insert_or_assign(watcher.address(),
                                  notice_hub_state::watching{watcher, user});
  }

  void drain() {
    st_.draining = true;
    for (const auto& [key, order] : st_.listeners)
      end(order);
    st_.listeners.clear();
    st_.per_user.clear();
  }

private:
  void end(const listen_order& order) {
    self_->send(
      order.from,
      outbound{.post = order.post, .text = share(options_.end_text(order.id))});
  }

  self_pointer self_;
  notice_hub_state& st_;
  const notice_hub_options& options_;
};

} // namespace

notice change_notice(std::string_view what, const wandb_client_actor& user) {
  if (what == "tools")
    return {list_changed_notification(changing_list::tools)};
  if (what == "prompts")
    return {list_changed_notification(changing_list::prompts)};
  if (what == "resources")
    return {list_changed_notification(changing_list::resources)};
  return {resource_updated_notification(what), user};
}

notice_hub_actor::behavior_type
notice_hub(self_pointer self,
           std::shared_ptr<const notice_hub_options> options) {
  const auto rules = [self, options] { return hub(self, *options); };
  self->set_down_handler([self](const caf::down_msg& down) {
    self->state.watchers.erase(down.source);
  });
  return {
    [rules](const notice& n) { rules().tell(n); },
    [rules](const listen_order& o) { rules().listen(o); },
    [rules](join_atom, const watcher_actor& w, const wandb_client_actor& u) {
      rules().join(w, u);
    },
    [rules](const peer_gone& g) { rules().gone(g); },
    [rules](drain_atom) { rules().drain(); },
  };
}

} // namespace mcp
