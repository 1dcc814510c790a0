export const answer = 'This is a simple text response for testing.';

/// Says where it listens, as every peer does.
export const ready = (port) => console.log(JSON.stringify({port}));
