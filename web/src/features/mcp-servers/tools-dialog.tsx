// What a server can do, as it told when it was last asked.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type McpServer, mcpToolsQuery } from "~/api/mcp";
import { Chip } from "~/ui/card";
import { Dialog } from "~/ui/dialog";
import { SearchField } from "~/ui/input";
import { ErrorNotice, Skeleton } from "~/ui/states";

/** With fewer than these nobody searches. */
const MANY = 8;

export function ToolsDialog({ server, onClose }: { server: McpServer; onClose: () => void }) {
  const { t } = useTranslation("mcpServers");
  const [sought, setSought] = useState("");
  const query = useQuery(mcpToolsQuery(server.id));
  const all = query.data ?? [];
  const words = sought.trim().toLocaleLowerCase();
  const tools = all.filter((tool) => `${tool.name} ${tool.description}`.toLocaleLowerCase().includes(words));
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} size="lg" title={t("toolsOf", { name: server.name })} description={t("toolsLead")}>
      <div className="flex flex-col gap-4">
        <ErrorNotice error={query.error} />
        {query.isPending && <Skeleton className="h-24 w-full" />}
        {all.length >= MANY && <SearchField value={sought} onChange={setSought} label={t("toolsSearch")} clearLabel={t("toolsClear")} />}
        <ul className="flex flex-col divide-y divide-line">
          {tools.map((tool) => (
            <li key={tool.name} className="py-3">
              <h3 className="font-mono text-sm font-medium break-words text-ink">{tool.name}</h3>
              <p className="mt-1 text-sm whitespace-pre-line text-muted [overflow-wrap:anywhere]">{tool.description}</p>
              {tool.parameters.length > 0 && (
                <ul aria-label={t("parametersOf", { name: tool.name })} className="mt-2 flex flex-wrap gap-1.5">
                  {tool.parameters.map((parameter) => (
                    <li key={parameter.name} title={parameter.description || undefined}>
                      <Chip>
                        <span className="font-mono">{parameter.name}</span>
                        <span className="ms-1 text-muted">
                          {[parameter.type, t(parameter.required ? "required" : "optional")].filter(Boolean).join(", ")}
                        </span>
                      </Chip>
                    </li>
                  ))}
                </ul>
              )}
            </li>
          ))}
        </ul>
        {query.isSuccess && tools.length === 0 && <p className="text-sm text-muted">{t(all.length === 0 ? "noTools" : "noneFound")}</p>}
      </div>
    </Dialog>
  );
}
