import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The greatest value of each device and UTC day, exactly once: from a tenant's windows (aggregate.v1) to a topic of one's own, key
 * "DevEUI day", value "maximum unit windows". An example: copy it, change it.
 *
 * <pre>java -cp … DailyMaximum BROKERS SERVER TENANT MEASURE OUTPUT [STATE-DIRECTORY]
 * java -cp … DailyMaximum 127.0.0.1:19192 http://127.0.0.1:8080 menden temperature menden.daily-maximum</pre>
 *
 * A window's result may be corrected: its record has the same key and a higher revision, so the windows are a table, and a day is made of
 * the last result of each window. The output topic must exist, best compacted. On a cluster with ACLs the application needs topics and
 * transactional ids that begin with its application.id, "TENANT.daily-maximum".
 */
public final class DailyMaximum {
  private static final int AGGREGATE_SCHEMA = 3;  // with a schema registry: the id that it gives

  /** One window of one device. */
  private record Window(String device, long startUs, String unit, BigDecimal maximum) {
    String day() {
      return Instant.ofEpochSecond(Math.floorDiv(startUs, 1_000_000L)).atOffset(ZoneOffset.UTC).toLocalDate().toString();
    }
    String text() {
      return startUs + " " + maximum.toPlainString() + " " + unit;
    }
    static Window of(String device, String text) {
      String[] parts = text.split(" ", 3);
      return new Window(device, Long.parseLong(parts[0]), parts[2], new BigDecimal(parts[1]));
    }
  }

  /** A day's windows, by their start: a line of text each. */
  private static String with(String day, String window) {
    return change(day, window, true);
  }
  private static String without(String day, String window) {
    return change(day, window, false);
  }
  private static String change(String day, String window, boolean add) {
    TreeMap<Long, String> windows = new TreeMap<>();
    day.lines().forEach(line -> windows.put(startOf(line), line));
    if (add) windows.put(startOf(window), window); else windows.remove(startOf(window));
    return String.join("\n", windows.values());
  }
  private static long startOf(String window) {
    return Long.parseLong(window.substring(0, window.indexOf(' ')));
  }

  /** "maximum unit windows"; null, which removes the key, when no window is left. */
  private static String result(String day) {
    if (day.isEmpty()) return null;
    List<Window> windows = day.lines().map(line -> Window.of("", line)).collect(Collectors.toList());
    BigDecimal maximum = windows.stream().map(Window::maximum).max(BigDecimal::compareTo).orElseThrow();
    return maximum.toPlainString() + " " + windows.get(0).unit() + " " + windows.size();
  }

  /** The schemas come from the server, so nothing is generated. */
  private static Descriptor aggregateFrom(String server) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(server + "/v1/schemas")).build();
    HttpResponse<byte[]> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofByteArray());
    if (answer.statusCode() != 200) throw new IOException(server + " answers " + answer.statusCode());
    Map<String, FileDescriptor> files = new HashMap<>();
    for (FileDescriptorProto file : FileDescriptorSet.parseFrom(answer.body()).getFileList()) {  // what is imported comes first
      List<FileDescriptor> imported = new ArrayList<>();
      for (String name : file.getDependencyList()) imported.add(files.get(name));
      files.put(file.getName(), FileDescriptor.buildFrom(file, imported.toArray(new FileDescriptor[0])));
    }
    return files.get("lenne/v1/aggregate.proto").findMessageTypeByName("Aggregate");
  }

  /** A zigzag varint. */
  private static int varint(ByteBuffer value) {
    int number = 0;
    for (int shift = 0;; shift += 7) {
      byte next = value.get();
      number |= (next & 0x7f) << shift;
      if (next >= 0) return (number >>> 1) ^ -(number & 1);
    }
  }

  /** What follows Confluent's framing: 0x00, schema id, the way to the message in its file. */
  private static byte[] messageOf(byte[] record) {
    ByteBuffer value = ByteBuffer.wrap(record);
    byte zero = value.get();
    int schema = value.getInt();
    if (zero != 0 || schema != AGGREGATE_SCHEMA) throw new IllegalArgumentException("schema " + schema + " is no aggregate");
    for (int steps = varint(value); steps > 0; --steps) varint(value);
    return Arrays.copyOfRange(record, value.position(), record.length);
  }

  /** A record as a window of the measure; null: of another one, or of none that has a maximum. */
  private static Window windowOf(Descriptor type, byte[] record, String measure) {
    try {
      DynamicMessage message = DynamicMessage.parseFrom(type, messageOf(record));
      if (!measure.equals(message.getField(type.findFieldByName("measure"))) || !message.hasField(type.findFieldByName("gauge"))) return null;
      DynamicMessage gauge = (DynamicMessage) message.getField(type.findFieldByName("gauge"));
      DynamicMessage maximum = (DynamicMessage) gauge.getField(gauge.getDescriptorForType().findFieldByName("max"));
      long steps = (Long) maximum.getField(maximum.getDescriptorForType().findFieldByName("value"));
      int exponent = (Integer) message.getField(type.findFieldByName("exponent"));
      String device = String.format("%016x", (Long) message.getField(type.findFieldByName("dev_eui")));
      String unit = (String) message.getField(type.findFieldByName("unit"));
      return new Window(device, (Long) message.getField(type.findFieldByName("start_us")), unit, BigDecimal.valueOf(steps, -exponent));
    } catch (InvalidProtocolBufferException problem) {
      throw new IllegalArgumentException(problem);
    }
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments.length < 5) {
      System.err.println("usage: DailyMaximum BROKERS SERVER TENANT MEASURE OUTPUT [STATE-DIRECTORY]");
      System.exit(2);
    }
    String tenant = arguments[2];
    String measure = arguments[3];
    Descriptor type = aggregateFrom(arguments[1]);

    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, tenant + ".daily-maximum");
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);  // and reads committed records only
    settings.put("auto.offset.reset", "earliest");
    if (arguments.length > 5) settings.put(StreamsConfig.STATE_DIR_CONFIG, arguments[5]);

    Serde<String> text = Serdes.String();
    StreamsBuilder builder = new StreamsBuilder();
    builder.table("lenne.t." + tenant + ".aggregate.v1", Consumed.with(Serdes.Bytes(), Serdes.ByteArray()),
                  Materialized.<Bytes, byte[], KeyValueStore<Bytes, byte[]>>as("windows").withKeySerde(Serdes.Bytes()).withValueSerde(Serdes.ByteArray()))
        .mapValues(record -> windowOf(type, record, measure))
        .filter((key, window) -> window != null)
        .groupBy((key, window) -> KeyValue.pair(window.device() + " " + window.day(), window.text()), Grouped.with(text, text))
        .aggregate(() -> "", (key, window, day) -> with(day, window), (key, window, day) -> without(day, window),
                   Materialized.<String, String, KeyValueStore<Bytes, byte[]>>as("days").withKeySerde(text).withValueSerde(text))
        .toStream()
        .mapValues(DailyMaximum::result)
        .to(arguments[4], Produced.with(text, text));

    KafkaStreams streams = new KafkaStreams(builder.build(), settings);
    Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
    streams.setUncaughtExceptionHandler(problem -> {
      problem.printStackTrace();
      return org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    });
    streams.start();
  }
}
