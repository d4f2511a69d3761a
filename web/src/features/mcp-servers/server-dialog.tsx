// Adding or changing an MCP server.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Plus, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type McpServer, type OneMcpServer, saveMcpServer } from "~/api/mcp";
import { Button } from "~/ui/button";
import { FormDialog } from "~/ui/form-dialog";
import { Field, Input } from "~/ui/input";
import { addressProblem, type Header, KEPT, nameProblem, toHeaders } from "./model";

export interface ServerDialogProps {
  /** The one to change, as the server shows it; without it a new one is made. */
  server: OneMcpServer | undefined;
  onClose: () => void;
  onSaved: (saved: McpServer) => void;
}

export function ServerDialog({ server, onClose, onSaved }: ServerDialogProps) {
  const { t } = useTranslation("mcpServers");
  const queryClient = useQueryClient();
  const [before] = useState(() => ({ name: server?.name ?? "", address: server?.serverUrl ?? "", headers: Object.entries(server?.authConfig?.headers ?? {}).map(([name, value]): Header => ({ name, value })) }));
  const [form, setForm] = useState(before);
  const [checked, setChecked] = useState(false);
  const wrongName = nameProblem(form.name);
  const wrongAddress = addressProblem(form.address);
  const save = useMutation({
    mutationFn: () => {
      const headers = toHeaders(form.headers);
      const sends = Object.keys(headers).length > 0;
      return saveMcpServer(
        {
          name: form.name.trim(),
          ...(form.address === before.address ? {} : { serverUrl: form.address.trim() }),
          authType: sends ? "CUSTOM_HEADERS" : "NONE",
          ...(sends ? { authConfig: { headers } } : {}),
        },
        server?.id,
      );
    },
    onSuccess: async (saved) => {
      await queryClient.invalidateQueries({ queryKey: ["mcp-servers"] });
      onSaved(saved);
    },
  });
  const set = (at: number, change: Partial<Header>) => setForm({ ...form, headers: form.headers.map((row, index) => (index === at ? { ...row, ...change } : row)) });
  return (
    <FormDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t(server ? "editTitle" : "add")}
      submit={t("save")}
      busy={save.isPending}
      error={save.error}
      dirty={JSON.stringify(form) !== JSON.stringify(before)}
      onSubmit={() => {
        setChecked(true);
        if (!wrongName && !wrongAddress) save.mutate();
      }}
    >
      <Field label={t("name")} name="serverName" autoComplete="off" value={form.name} onChange={(event) => setForm({ ...form, name: event.target.value })} error={checked && wrongName ? t(`nameProblem.${wrongName}`) : undefined} />
      <Field
        label={t("address")}
        name="serverAddress"
        inputMode="url"
        autoComplete="off"
        spellCheck={false}
        placeholder="https://mcp.example.com/mcp"
        value={form.address}
        onChange={(event) => setForm({ ...form, address: event.target.value })}
        hint={t(server && form.address === before.address ? "addressKept" : "addressHint")}
        error={checked && wrongAddress ? t(`addressProblem.${wrongAddress}`) : undefined}
      />
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-1.5 text-sm font-medium text-ink">{t("headers")}</legend>
        <p className="text-sm text-muted">{t("headersHint")}</p>
        {form.headers.map((row, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- rows have no identity but their place
          <div key={index} className="flex items-center gap-2">
            <Input aria-label={t("headerName", { number: index + 1 })} placeholder="Authorization" autoComplete="off" spellCheck={false} value={row.name} onChange={(event) => set(index, { name: event.target.value })} />
            <Input
              aria-label={t("headerValue", { number: index + 1 })}
              type="password"
              placeholder="Bearer …"
              autoComplete="off"
              value={row.value}
              onFocus={(event) => row.value === KEPT && event.target.select()}
              onChange={(event) => set(index, { value: event.target.value })}
            />
            <Button variant="ghost" size="icon" aria-label={t("headerRemove", { number: index + 1 })} onClick={() => setForm({ ...form, headers: form.headers.filter((_, at) => at !== index) })}>
              <X aria-hidden />
            </Button>
          </div>
        ))}
        <Button className="self-start" onClick={() => setForm({ ...form, headers: [...form.headers, { name: "", value: "" }] })}>
          <Plus aria-hidden />
          {t("headerAdd")}
        </Button>
      </fieldset>
    </FormDialog>
  );
}
