const TOKEN = "access_token";

const nameOf = (piece: string): string => {
  const [name = ""] = piece.split("=", 1);
  try {
    return decodeURIComponent(name.replaceAll("+", " ")).trim().toLowerCase();
  } catch {
    return name;
  }
};

const isToken = (piece: string): boolean => nameOf(piece) === TOKEN;

/** Returns the token in a query; `null` if there is none or more than one. */
export function tokenIn(query: string): string | null {
  const tokens = query.split("&").filter(isToken);
  const [only] = tokens;
  return only === undefined || tokens.length > 1 ? null : new URLSearchParams(only).get(TOKEN);
}

/** Replaces the caller's token in a query, or removes it. The rest stays unchanged, byte for byte. */
export function withToken(query: string, token: string | null): string {
  const pieces = query.split("&").filter((piece) => piece !== "" && !isToken(piece));
  const own = token === null ? [] : [`${TOKEN}=${encodeURIComponent(token)}`];
  return [...own, ...pieces].join("&");
}
