#include "actors/client_documents.hpp"

#include "net/address_guard.hpp"
#include "protocol/mcp/http_rules.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace mcp {
namespace {

using self_pointer =
  client_documents_actor::stateful_pointer<client_documents_state>;

/// "client.example:8443" of "https://client.example:8443/x".
std::string_view url_host(std::string_view url) {
  url.remove_prefix(std::string_view("https://").size());
  return url.substr(0, url.find('/'));
}

document_outcome refuse(std::string why) {
  return std::make_shared<oauth::checked<oauth::client>>(
    oauth::invalid_client(std::move(why)));
}

class documents {
public:
  documents(self_pointer self, const client_document_options& options,
            upstream_gateway& gateway)
      : self_(self), st_(self->state), options_(options), gateway_(gateway) {}

  caf::result<document_outcome> find(const std::string& url) {
    auto promise = self_->make_response_promise<document_outcome>();
    if (const auto it = st_.known.find(url); it != st_.known.end()) {
      if (now() < it->second.until) {
        promise.deliver(it->second.what);
        return promise;
      }
      st_.oldest_first.erase(it->second.place);
      st_.known.erase(it);
    }
    for (auto& [id, f] : st_.running)
      if (f.url == url) {
        f.waiting.push_back(promise);
        return promise;
      }
    if (st_.running.size() >= options_.max_running) {
      promise.deliver(refuse("Too many metadata documents are being fetched; "
                             "try again in a moment."));
      return promise;
    }
    const auto id = ++st_.last;
    st_.running[id] = {url, {promise}};
    net::http_transfer t;
    t.method = "GET";
    t.url = url;
    t.headers = {"Accept: application/json"};
    t.deadline = options_.deadline;
    t.max_response_bytes = options_.max_bytes;
    const auto host = host_without_port(url_host(url));
    const auto& ours = options_.private_hosts;
    if (std::find(ours.begin(), ours.end(), host) == ours.end())
      t.may_connect = net::is_public_address;
    else
      t.may_connect = [](const boost::asio::ip::address&) { return true; };
    gateway_.start(
      std::move(t), [me = caf::actor_cast<client_documents_actor>(self_),
                     id](net::http_outcome o) {
        caf::anon_send(
          me,
          transfer_done{id, std::make_shared<net::http_outcome>(std::move(o))});
      });
    return promise;
  }

  void done(const transfer_done& d) {
    auto node = st_.running.extract(d.flight);
    if (node.empty())
      return;
    auto& fetch = node.mapped();
    const auto what = read(fetch.url, *d.outcome);
    while (st_.known.size() >= options_.max_kept) {
      st_.known.erase(st_.oldest_first.front());
      st_.oldest_first.pop_front();
    }
    st_.oldest_first.push_back(fetch.url);
    st_.known[fetch.url] = {
      what, now() + (*what ? options_.keep : options_.keep_refusal),
      std::prev(st_.oldest_first.end())};
    for (auto& promise : fetch.waiting)
      promise.deliver(what);
  }

private:
  clock::time_point now() { return self_->home_system().clock().now(); }

  static document_outcome read(const std::string& url,
                               const net::http_outcome& o) {
    using net::transfer_end;
    // No more than that: whoever asked must not learn what is reachable from
    // here (a scan of the operator's network by its answers).
    if (o.end != transfer_end::complete || o.status != 200) {
      spdlog::info("oauth: no metadata document at {}: status {} {}",
                   url_host(url), o.status, o.detail);
      return refuse("The client's metadata document could not be fetched. It "
                    "must be at its client_id, public, at most 16 KiB, and "
                    "without redirects.");
    }
    return std::make_shared<oauth::checked<oauth::client>>(
      oauth::read_document(url, o.body));
  }

  self_pointer self_;
  client_documents_state& st_;
  const client_document_options& options_;
  upstream_gateway& gateway_;
};

} // namespace

client_documents_actor::behavior_type
client_documents(self_pointer self,
                 std::shared_ptr<const client_document_options> options,
                 upstream_gateway* gateway) {
  const auto rules = [self, options, gateway] {
    return documents(self, *options, *gateway);
  };
  return {
    [rules](find_atom, const std::string& url) { return rules().find(url); },
    [rules](const transfer_done& d) { rules().done(d); },
  };
}

} // namespace mcp
