// A chat product may call its chats as it likes: the id is made of the owner and that name.

const NAMESPACE = 'c00be217-abf9-5bac-820f-9055c0b9a170';

/** The UUIDv5 of owner and name, as the contract makes it. Nothing of the name is trimmed or normalised. */
export const idOfName = async (owner: string, name: string): Promise<string> => {
  const namespace = Uint8Array.from(NAMESPACE.replace(/-/g, '').match(/../g)!, (pair) => Number.parseInt(pair, 16));
  const text = new TextEncoder().encode(`${owner}\0${name}`);
  const hashed = new Uint8Array(await crypto.subtle.digest('SHA-1', new Uint8Array([...namespace, ...text])));
  const bytes = hashed.subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};
