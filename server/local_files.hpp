#pragma once

// What a user's own machine holds of W&B settings.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mcp {

/// A file's content; empty when it is not there or can not be read.
std::string read_file(const std::string& path);

/// The key of `host` in a netrc file's text: its "password"; empty when absent.
std::string netrc_password(std::string_view netrc, std::string_view host);

/// NAME=value lines of a .env file: comments, "export ", quotes.
std::vector<std::pair<std::string, std::string>>
parse_dotenv(std::string_view text);

} // namespace mcp
