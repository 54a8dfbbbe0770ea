// A Worker has to answer something; the bucket beside it is what the tests are after.
export default { fetch: () => new Response("see /cdn-cgi/local/r2/s3") };
