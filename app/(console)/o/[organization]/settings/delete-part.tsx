"use client";

import dynamic from "next/dynamic";
import type { Contents } from "@/lib/dingtalk-apps/count-contents";

const DeleteOrganization = dynamic(async () => (await import("./delete-organization")).DeleteOrganization, {
  ssr: false,
});

type Props = { readonly organization: string; readonly name: string; readonly contents: Contents };

/** The way to delete it all, loaded once the page stands. */
export const DeletePart = (props: Props) => <DeleteOrganization {...props} />;
