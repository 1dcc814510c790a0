#pragma once

#include "actors/session.hpp"
#include "actors/wandb_client.hpp"
#include "net/http_client.hpp"
#include "protocol/mcp/http_rules.hpp"
#include "protocol/mcp/lifecycle.hpp"
#include "server/settings.hpp"
#include "tools/tailored.hpp"

#include <memory>
#include <string>
#include <vector>

namespace mcp {

/// The tools that the settings leave, as they want them.
tools::tailored_tools offered_tools(const settings& s);
/// What --print_tools prints.
std::string described_tools(const settings& s);

/// What both transports make of the settings.
net::http_client_options http_client_options_of(const settings& s);
/// `reach` is told how every transfer ended; null: nobody is.
std::shared_ptr<const upstream_options>
upstream_options_of(const settings& s,
                    std::shared_ptr<upstream_reach> reach = {});
std::shared_ptr<const session_services> session_services_of(const settings& s);
server_features server_features_of(const settings& s);
server_info server_info_of(const settings& s);
/// Which Host and Origin headers are welcome, that of `public_url` among them.
origin_rules origin_rules_of(const settings& s);
std::size_t thread_count(const settings& s);

} // namespace mcp
