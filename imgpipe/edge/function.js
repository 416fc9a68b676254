// Turns whatever address a visitor came by into the one path of a rendition, so that the edges keep
// no picture twice and nobody can ask for what is not in these lists. CloudFront's JavaScript
// runtime 2.0: ECMAScript 5.1, const, let and arrow functions.
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html
const KNOWN = {};

function rewritten(event) {
  const request = event.request;
  let key;
  try {
    key = decodeURIComponent(request.uri.slice(KNOWN.root.length));
  } catch (malformed) {
    return refused(400, 'Bad Request');
  }
  if (key === '') {
    return refused(404, 'Not Found');
  }
  request.uri = KNOWN.root + escaped(key) + '/' + words(request.querystring, request.headers);
  request.querystring = {};
  return request;
}

function refused(code, description) {
  return { statusCode: code, statusDescription: description };
}

// Only letters, digits and _ - . / are left: see handler/address.py.
function escaped(key) {
  const names = key.split('/').map(function (name) {
    const told = encodeURIComponent(name).replace(/[!'()*~]/g, function (letter) {
      return '%' + letter.charCodeAt(0).toString(16).toUpperCase();
    });
    return /^\.+$/.test(told) ? told.replace(/\./g, '%2E') : told;
  });
  let path = names[0];
  for (let n = 1; n < names.length; n += 1) {
    path += (names[n - 1] && names[n] ? '/' : '%2F') + names[n];
  }
  return path.replace(/_/g, '%5F').replace(/%/g, '_');
}

function words(query, headers) {
  const name = asked(query, 'rendition');
  const rendition = has(KNOWN.renditions, name) ? name : '';
  const density = Math.min(3, Math.max(1, number(asked(query, 'dpr')) || 1));
  const own = density > 1 ? KNOWN.renditions[rendition] : [0, 0];
  const width = number(asked(query, 'width')) || own[0];
  const height = KNOWN.heights.length ? number(asked(query, 'height')) : 0;
  const told = {
    v: KNOWN.v,
    rendition: rendition,
    width: least(KNOWN.widths, width * density),
    height: least(KNOWN.heights, height * density),
    quality: least(KNOWN.qualities, number(asked(query, 'quality'))),
    format: format(asked(query, 'format'), headers),
  };
  if (told.height) {
    told.fit = one(KNOWN.fits, asked(query, 'fit'));
    told.gravity = told.fit === 'cover' ? one(KNOWN.gravities, asked(query, 'gravity')) : '';
  }
  return KNOWN.order
    .filter(function (word) { return told[word]; })
    .map(function (word) { return word + '-' + told[word]; })
    .join('.');
}

function asked(query, name) {
  return has(query, name) ? query[name].value : '';
}

function has(object, name) {
  return Object.prototype.hasOwnProperty.call(object, name);
}

function number(text) {
  return /^[0-9]{1,6}(\.[0-9]{1,6})?$/.test(text) ? Number(text) : 0;
}

// The smallest of the rising list that is not below what is wanted, or else its largest.
function least(list, wanted) {
  const enough = list.filter(function (each) { return each >= wanted; });
  return wanted > 0 ? enough[0] || list[list.length - 1] : 0;
}

function one(list, wanted) {
  return list.indexOf(wanted) < 0 ? '' : wanted;
}

// What is asked for by name, or the best that the browser takes; none stands for the recipe's own.
function format(name, headers) {
  const accepted = accepts(has(headers, 'accept') ? headers.accept.value : '');
  return one(KNOWN.formats, name) || KNOWN.best.filter(function (each) {
    return accepted.indexOf('image/' + each) >= 0;
  })[0] || '';
}

function accepts(header) {
  return header.toLowerCase().split(',').map(function (each) {
    const parts = each.replace(/\s/g, '').split(';');
    return parts.slice(1).some(function (part) { return /^q=0(\.0*)?$/.test(part); }) ? '' : parts[0];
  });
}
