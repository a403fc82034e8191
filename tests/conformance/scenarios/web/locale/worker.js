// The request's body lists calls `[what, value, ...arguments]`; tells what they format to.
const CALLS = {
  date: (time, ...args) => new Date(time).toLocaleDateString(...args),
  time: (time, ...args) => new Date(time).toLocaleTimeString(...args),
  both: (time, ...args) => new Date(time).toLocaleString(...args),
  number: (number, ...args) => number.toLocaleString(...args),
  dateFormat: (time, ...args) => new Intl.DateTimeFormat(...args).format(time),
  numberFormat: (number, ...args) => new Intl.NumberFormat(...args).format(number),
  dateOptions: (_, ...args) => new Intl.DateTimeFormat(...args).resolvedOptions(),
  dateParts: (time, ...args) => new Intl.DateTimeFormat(...args).formatToParts(time),
};

function outcome([what, value, ...args]) {
  try {
    return CALLS[what](value, ...args.map((arg) => arg ?? undefined));
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
}

export default {
  async fetch(request) {
    return Response.json((await request.json()).map(outcome));
  },
};
