#include "protocol/oauth/refusal.hpp"

#include <boost/json.hpp>

#include <stdexcept>

namespace mcp::oauth {

void throw_exception_from_error(const refusal& why,
                                const boost::source_location&) {
  throw std::runtime_error(std::string(why.error) + ": " + why.description);
}

refusal invalid_request(std::string description) {
  return {.error = "invalid_request", .description = std::move(description)};
}

refusal invalid_client(std::string description) {
  return {.error = "invalid_client",
          .description = std::move(description),
          .status = 401};
}

refusal invalid_grant(std::string description) {
  return {.error = "invalid_grant", .description = std::move(description)};
}

refusal invalid_target(std::string description) {
  return {.error = "invalid_target", .description = std::move(description)};
}

refusal invalid_metadata(std::string description) {
  return {.error = "invalid_client_metadata",
          .description = std::move(description)};
}

refusal unavailable() {
  return {.error = "temporarily_unavailable",
          .description = "This server can not reach its store of used codes "
                         "and tokens; try again in a moment.",
          .status = 503};
}

std::string to_json(const refusal& why) {
  return boost::json::serialize(boost::json::object{
    {"error", why.error}, {"error_description", why.description}});
}

} // namespace mcp::oauth
