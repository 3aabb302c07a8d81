import { writeFileSync } from "node:fs";
import { CLIENT_TYPES, clientTypes } from "./client-types-text";

/** `npm run client-types`: generates the client's types from the OpenAPI document. */
writeFileSync(CLIENT_TYPES, await clientTypes());
