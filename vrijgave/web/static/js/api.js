// Calls to the JSON interface. Throws an ApiError whose message can be shown to the person.

export class ApiError extends Error {
  // `by` names the rule that refused.
  constructor(status, message, by = "") {
    super(message);
    this.status = status;
    this.by = by;
  }
}

// What shows the service that a page of ours sends something.
export const secret = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRF-Token"];

// The answer's JSON; `body` is sent as JSON.
export async function call(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: { "X-CSRF-Token": secret(), "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await response.json().catch(() => ({ message: response.statusText }));
  if (!response.ok) throw new ApiError(response.status, answer.message, answer.by);
  return answer;
}
