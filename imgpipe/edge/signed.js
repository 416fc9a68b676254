// Before all else, where addresses are signed: only what carries the signature of the newest key, or
// of the one before it, and is not too old. Keys of a store are text of at most 1 KB:
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-custom-methods.html
async function handler(event) {
  const query = event.request.querystring;
  const text = signedText(event.request.uri, query);
  const given = asked(query, 'signature');
  if (!text || !given || late(asked(query, 'expires'))) {
    return refused(403, 'Forbidden');
  }
  const store = cf.kvs();
  let known = await fits(store, 'newest', text, given);
  if (!known) {
    known = await fits(store, 'older', text, given);
  }
  return known ? rewritten(event) : refused(403, 'Forbidden');
}

async function fits(store, name, text, given) {
  let key;
  try {
    key = await store.get(name);
  } catch (absent) {
    return false;
  }
  return same(given, crypto.createHmac('sha256', key).update(text).digest('base64url'));
}

// However the key was spelled, and whatever nobody knows beside it: see imgpipe/edge/signature.py.
function signedText(uri, query) {
  let key;
  try {
    key = decodeURIComponent(uri.slice(KNOWN.root.length));
  } catch (malformed) {
    return '';
  }
  const words = KNOWN.signed.filter(function (name) { return has(query, name); });
  return key + '\n' + words.map(function (name) { return name + '=' + query[name].value; }).join('&');
}

function late(expires) {
  return expires !== '' && !(/^[0-9]{1,12}$/.test(expires) && Number(expires) * 1000 > Date.now());
}

// In the same time wherever they differ.
function same(one, other) {
  let differ = one.length ^ other.length;
  for (let n = 0; n < other.length; n += 1) {
    differ |= one.charCodeAt(n) ^ other.charCodeAt(n);
  }
  return differ === 0;
}
