#pragma once

#include "actors/connection.hpp"
#include "actors/grant_store.hpp"
#include "actors/runtime.hpp"
#include "server/settings.hpp"
#include "tools/catalog.hpp"

#include <memory>

namespace mcp {

/// Sign-in, as the settings want it. Outlives the actors.
class authorization {
public:
  /// Opens the store and reads the files of the settings.
  /// Errors: `bad_argument` naming the option and what is wrong
  static result<std::unique_ptr<authorization>> open(const settings& s,
                                                     const seal_keys& keys);

  /// Starts its actors; gives what connections need to know.
  std::shared_ptr<const token_rules>
  start(runtime& threads, const wandb_client_pool_actor& pool,
        const session_sealer& sessions,
        std::shared_ptr<const tools::catalog> catalog);
  /// Ends them.
  void stop();

private:
  authorization(const settings& s, const seal_keys& keys);

  oauth::sealer seals_;
  oauth::issuer us_;
  bool takes_keys_;
  std::chrono::seconds access_ttl_, refresh_ttl_;
  std::string key_url_;
  std::shared_ptr<grant_store> store_;
  std::vector<oauth::client> configured_;
  secret introspection_;
  std::vector<std::string> private_client_hosts_;
  authorization_server_actor server_;
  client_documents_actor documents_;
};

} // namespace mcp
