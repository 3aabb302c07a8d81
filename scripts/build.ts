import { buildApp } from "@/server/build-app";

process.exit(await buildApp());
