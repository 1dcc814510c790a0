// Files of runs and artifacts, as GraphQL shows them.

import {base64} from '../data/world.js';

/// `file` is {name, size, digest, md5?, mimetype?, updatedAt?}.
export function fileNode(file, url) {
  const direct = `${url}/storage/read/${encodeURIComponent(file.name)}`;
  return {
    id: base64(`File:${file.name}:${file.digest ?? ''}`),
    name: file.name,
    displayName: file.name,
    url: direct,
    directUrl: direct,
    sizeBytes: file.size,
    mimetype: file.mimetype ?? 'application/octet-stream',
    updatedAt: file.updatedAt ?? null,
    digest: file.digest ?? null,
    md5: file.md5 ?? file.digest ?? null,
    uploadUrl: file.uploadUrl ?? null,
    uploadHeaders: file.uploadHeaders ?? [],
  };
}
