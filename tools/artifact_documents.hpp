#pragma once

#include "tools/models_older.hpp"

namespace mcp::tools {

/// How one artifact version is asked for: by its membership of a collection,
/// which knows its number there, and for older servers by its name.
/// Variables: entity, project, name ("model:v3"), users and files (how many),
///            withCreator, withUse, withFiles.
/// Gives: project.artifactCollectionMembership with the artifact inside, or
///        project.artifact. Usage is not recorded.
[[nodiscard]] query_texts artifact_documents();

} // namespace mcp::tools
