#include "tools/offer.hpp"

#include "protocol/mcp/client_requests.hpp"

namespace mcp::tools {

void require_client(const call_context& context,
                    const client_request& question) {
  if (can_ask(question, context.client_capabilities(),
              newest_stateless_version))
    return;
  auto why = refuse_capability(needed_capability(question));
  throw request_refused(why.code, why.message, std::move(why.data));
}

} // namespace mcp::tools
