#include "tools/artifact_documents.hpp"

#include <string>

namespace mcp::tools {
namespace {

constexpr std::string_view fragments = R"(
fragment Place on ArtifactCollection {
  __typename name
  project { name entity { name } }
}
fragment RunIdentity on Run {
  name displayName
  project { name entity { name } }
}
fragment Details on Artifact {
  id versionIndex state description metadata size fileCount digest commitHash
  createdAt updatedAt
  artifactType { name }
  tags { name }
  artifactSequence { ...Place }
  createdBy @include(if: $withCreator) {
    __typename
    ... on Run { ...RunIdentity }
    ... on User { username }
  }
  usedBy(first: $users) @include(if: $withUse) {
    totalCount
    edges { node { ...RunIdentity } }
  }
  artifactMemberships @include(if: $withUse) {
    edges {
      node {
        versionIndex
        aliases { alias }
        artifactCollection { ...Place }
      }
    }
  }
})";

constexpr std::string_view by_membership = R"(query ArtifactByMembership(
  $entity: String!, $project: String!, $name: String!, $users: Int!,
  $files: Int!, $withCreator: Boolean!, $withUse: Boolean!,
  $withFiles: Boolean!
) {
  project(name: $project, entityName: $entity) {
    artifactCollectionMembership(name: $name) {
      versionIndex
      aliases { alias }
      artifactCollection { ...Place }
      artifact { ...Details }
      files(first: $files) @include(if: $withFiles) {
        totalCount
        pageInfo { endCursor hasNextPage }
        edges { node { name: displayName sizeBytes digest md5 } }
      }
    }
  }
})";

constexpr std::string_view by_name = R"(query ArtifactByName(
  $entity: String!, $project: String!, $name: String!, $users: Int!,
  $files: Int!, $withCreator: Boolean!, $withUse: Boolean!,
  $withFiles: Boolean!
) {
  project(name: $project, entityName: $entity) {
    artifact(name: $name, enableTracking: false) {
      ...Details
      aliases { alias artifactCollection { ...Place } }
      files(first: $files) @include(if: $withFiles) {
        pageInfo { endCursor hasNextPage }
        edges { node { name: displayName sizeBytes digest md5 } }
      }
    }
  }
})";

} // namespace

query_texts artifact_documents() {
  static const auto full = std::string(by_membership) + std::string(fragments);
  static const auto older = std::string(by_name) + std::string(fragments);
  return {.full = full, .reduced = older};
}

} // namespace mcp::tools
