// The request's body lists patterns `{pattern: [arguments], test: [[arguments]...]}`; tells their
// components, and what matches.
const COMPONENTS = [
  "protocol", "username", "password", "hostname", "port", "pathname", "search", "hash",
];

function outcome(work) {
  try {
    return work();
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

// Groups without a match are undefined, which JSON has no word for; their order is nobody's business.
function groupsOf(match) {
  if (match === null) return null;
  const shown = { inputs: match.inputs };
  for (const name of COMPONENTS) {
    const { input, groups } = match[name];
    const pairs = Object.keys(groups).sort().map((key) => [key, groups[key] ?? "undefined"]);
    if (input !== "" || pairs.some(([key]) => key !== "0")) shown[name] = [input, pairs];
  }
  return shown;
}

function describe({ pattern: args, test = [] }) {
  const pattern = new URLPattern(...args);
  const components = COMPONENTS.map((name) => pattern[name]);
  const tests = test.map((input) => outcome(() => pattern.test(...input)));
  const matches = test.map((input) => outcome(() => groupsOf(pattern.exec(...input))));
  return { components, regexp: pattern.hasRegExpGroups, tests, matches };
}

export default {
  async fetch(request) {
    const works = await request.json();
    return Response.json(works.map((work) => outcome(() => describe(work))));
  },
};
