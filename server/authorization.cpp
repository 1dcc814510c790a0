#include "server/authorization.hpp"

#include "server/local_files.hpp"
#include "server/pages/pages.hpp"
#include "server/shared_actors.hpp"

#include <spdlog/spdlog.h>

#include <filesystem>

namespace mcp {
namespace {

namespace fs = std::filesystem;

constexpr const char* in_memory = ":memory:";

std::string sqlite_path(const settings& s) {
  if (s.store == "memory")
    return in_memory;
  if (!s.store.empty())
    return s.store.substr(std::string_view("sqlite:").size());
  if (s.state_folder.empty())
    return in_memory;
  const fs::path folder = s.state_folder;
  std::error_code failed;
  if (fs::create_directories(folder, failed))
    fs::permissions(folder, fs::perms::owner_all, failed);
  return folder / "oauth.sqlite";
}

result<std::unique_ptr<grant_store>> open_store(const settings& s) {
  if (s.store.starts_with("redis://") || s.store.starts_with("unix:"))
    return open_redis_store(s.store);
  const auto path = sqlite_path(s);
  if (path == in_memory)
    spdlog::warn("--store: what was revoked is forgotten at a restart, because "
                 "it is kept in memory alone");
  return open_sqlite_store(path);
}

failure bad(const std::string& option, const std::string& why) {
  return {.code = errc::bad_argument, .message = option + ": " + why};
}

} // namespace

result<std::unique_ptr<authorization>>
authorization::open(const settings& s, const seal_keys& keys) {
  std::unique_ptr<authorization> out(new authorization(keys));
  auto& o = *out->options_;
  o.us = {.url = s.public_url,
          .introspection = !s.introspection_secret_file.empty()};
  o.takes_keys = s.auth != "oauth";
  o.pages = sign_in_pages(s.app_url + "/authorize");
  o.access_lifetime = s.access_token_ttl.count();
  o.refresh_lifetime = s.refresh_token_ttl.count();
  o.refresh_grace = s.refresh_grace.count();
  o.unix_time = unix_seconds;
  out->fetching_->private_hosts = s.private_client_hosts;
  if (s.seal_key_file.empty())
    spdlog::warn("OAuth without --seal_key_file: tokens and registered clients "
                 "end with this process");
  auto store = open_store(s);
  if (!store)
    return bad("--store", store.error().message);
  out->store_ = std::move(*store);
  if (!s.oauth_clients_file.empty()) {
    auto clients = oauth::read_client_file(read_file(s.oauth_clients_file));
    if (!clients)
      return bad("--oauth_clients_file", clients.error().message);
    o.configured = std::move(*clients);
  }
  if (!s.introspection_secret_file.empty()) {
    auto text = read_file(s.introspection_secret_file);
    while (text.ends_with('\n') || text.ends_with('\r'))
      text.pop_back();
    o.introspection = secret(text);
    explicit_bzero(text.data(), text.size());
    if (o.introspection.reveal().size() < 16)
      return bad("--introspection_secret_file",
                 "can not be read, or has fewer than 16 characters");
  }
  return out;
}

std::shared_ptr<const token_rules>
authorization::start(runtime& threads, const wandb_client_pool_actor& pool,
                     const session_sealer& sessions,
                     std::shared_ptr<const tools::catalog> catalog) {
  auto& system = threads.system();
  auto revoked = std::make_shared<revocations>();
  documents_ = system.spawn(client_documents, fetching_, &threads);
  // Its store blocks, so it has a thread of its own.
  server_ =
    system.spawn<caf::detached>(authorization_server, options_, &seals_, store_,
                                revoked, pool, documents_, &sessions);
  auto rules = std::make_shared<token_rules>();
  rules->us = options_->us;
  rules->seals = &seals_;
  rules->revoked = std::move(revoked);
  rules->takes_keys = options_->takes_keys;
  rules->writes = [catalog = std::move(catalog)](std::string_view name) {
    const auto* found = catalog->find(name);
    return found && !found->what->hints.read_only;
  };
  rules->server = server_;
  return rules;
}

void authorization::stop() {
  caf::anon_send_exit(server_, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(documents_, caf::exit_reason::user_shutdown);
  server_ = authorization_server_actor{};
  documents_ = client_documents_actor{};
}

} // namespace mcp
