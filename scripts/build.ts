import { buildApp } from "./build-app";

process.exit(await buildApp());
