#pragma once

#include "actors/authorization_server.hpp"
#include "actors/client_documents.hpp"
#include "actors/connection.hpp"
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
  explicit authorization(const seal_keys& keys) : seals_(keys) {}

  oauth::sealer seals_;
  std::shared_ptr<authorization_options> options_ =
    std::make_shared<authorization_options>();
  std::shared_ptr<client_document_options> fetching_ =
    std::make_shared<client_document_options>();
  std::shared_ptr<grant_store> store_;
  authorization_server_actor server_;
  client_documents_actor documents_;
};

} // namespace mcp
