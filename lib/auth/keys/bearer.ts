const BEARER = /^Bearer +(\S+)$/i;

/**
 * Returns the key that a request brings. Without one it is empty, which is a wrong key like any other: requests without
 * a key count against their address too.
 *
 * @param authorization the header, as it came
 */
export const bearerOf = (authorization: string | null): string => BEARER.exec(authorization ?? "")?.[1] ?? "";
