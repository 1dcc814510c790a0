#include "actors/connection_port.hpp"

#include "actors/refusal_log.hpp"
#include "actors/scheduler.hpp"

namespace mcp {
namespace {

/// Net's side of a connection: hands everything to the actor.
class connection_port : public net::connection_handler {
public:
  connection_port(caf::actor_system& system,
                  std::shared_ptr<const connection_services> services)
      : system_(system), services_(std::move(services)) {}

  ~connection_port() override {
    const actor_scope scope;
    if (actor_)
      caf::anon_send(actor_, closed_atom_v);
  }

  void on_request(net::http_request request,
                  std::shared_ptr<net::exchange> via) override {
    static std::atomic<std::uint64_t> last_number{0};
    const actor_scope scope;
    if (!actor_)
      actor_ =
        system_.spawn<caf::lazy_init>(connection, ++last_number, services_);
    caf::anon_send(actor_, http_arrival{std::make_shared<net::http_request>(
                                          std::move(request)),
                                        std::move(via)});
  }

  void on_refused(boost::beast::http::status status, std::string_view target,
                  std::string_view peer, std::string_view why) override {
    log_refusal({.status = static_cast<int>(status),
                 .target = target,
                 .peer = services_->log_peers ? peer : std::string_view(),
                 .reason = why});
  }

  void on_abort() override {
    const actor_scope scope;
    caf::anon_send(actor_, gone_atom_v);
  }

private:
  caf::actor_system& system_;
  std::shared_ptr<const connection_services> services_;
  connection_actor actor_;
};

} // namespace

std::function<std::unique_ptr<net::connection_handler>()>
connection_factory(caf::actor_system& system,
                   std::shared_ptr<const connection_services> services) {
  return [&system, services = std::move(services)] {
    return std::make_unique<connection_port>(system, services);
  };
}

} // namespace mcp
