//! A collective call in progress: what this rank says it is calling, and the ways to tell the other ranks. Generated code
//! makes one for each collective operation; the implementations talk to other ranks through it and nothing else.

use super::contract::{self, Argument, Meaning};
use super::round::{Header, Message, PAYLOAD, Round};
use super::shape::{Compared, Shape};
use crate::array::Array;
use crate::comm::endpoint::Endpoint;
use crate::comm::hold::{FreedTogether, Hold};
use crate::comm::movement::{self, Arrival, Movement};
use crate::comm::ranks::Ranks;
use crate::comm::transport::{Blocks, Pattern, Place, Start};
use crate::comm::turns::Turn;
use crate::computing::refuse_inside_function;
use crate::context::Context;
use crate::digest::digest;
use crate::error::{Error, Result};
use crate::identity;
use crate::observe;
use crate::on_behalf::whole_of;
use dtl_types::constants::MAX_TENSOR_RANK;
use dtl_types::{Dtype, Operation, ReduceOp, SpecEnum, Status};
use std::cell::OnceCell;
use std::pin::Pin;
use std::sync::Arc;

/// A collective call in progress on one rank, with the values that all ranks must agree on.
///
/// The call takes its place in line on the context with its first message and holds its turn until dropped, so collective calls
/// of one rank come one after another whatever its threads do. Whatever needs other ranks is a future.
pub struct Call<'a> {
    context: &'a Context,
    operation: Operation,
    header: Header,
    arguments: Vec<Argument>,
    /// That of the array whose shape all ranks must pass alike.
    shape: Option<Shape<'a>>,
    /// Its turn, and its number among the calls on the context.
    turn: OnceCell<(Turn<'a>, u32)>,
    /// Whether the ranks compare what they call.
    is_checked: bool,
}

/// A call that ends in a panic after its first message leaves the context: the others would wait for what this rank does not do.
impl Drop for Call<'_> {
    #[inline]
    fn drop(&mut self) {
        if std::thread::panicking() && self.has_begun() && !self.is_alone() {
            self.context.leave();
        }
    }
}

/// Blocks that have begun to move.
#[derive(Debug)]
pub(crate) struct Underway {
    carrier: Context,
    movement: Movement,
}

impl Underway {
    /// Whether they have moved, as far as can be said without waiting; their memory is then nobody else's any more.
    pub(crate) fn has_ended(self) -> bool {
        self.movement.is_over(self.carrier.endpoint())
    }
}

impl<'a> Call<'a> {
    /// A call of `operation` by this rank of `context`, or of the operation that this thread calls it for.
    #[inline]
    pub fn new(context: &'a Context, operation: Operation) -> Self {
        let whole = whole_of(operation);
        if whole == operation {
            observe::call(operation);
        }
        Call {
            context,
            operation: whole,
            header: Header::new(whole),
            arguments: Vec::new(),
            shape: None,
            turn: OnceCell::new(),
            is_checked: context.endpoint().settings().check,
        }
    }

    /// To the other ranks it is a call of another operation.
    pub fn same_as(&mut self, operation: Operation) -> &mut Self {
        self.header.operation = whole_of(operation).code() as u16;
        self
    }

    /// The ranks compare what they call in any case.
    pub(crate) fn always_checked(&mut self) -> &mut Self {
        self.is_checked = true;
        self
    }

    /// What is called.
    pub(crate) fn operation(&self) -> Operation {
        self.operation
    }

    /// All ranks must pass this data type.
    #[inline]
    pub fn dtype(&mut self, dtype: Dtype) -> &mut Self {
        self.header.dtype = dtype.code() as u8;
        self
    }

    /// All ranks must pass an array of this shape, as far as it is known, and of this number of elements.
    #[inline]
    pub fn shape(&mut self, array: &Array<'a>) -> &mut Self {
        self.header.count = array.len() as u64;
        self.of_shape(Shape::new(Compared::Whole, array.known_shape()))
    }

    /// All ranks must pass an array whose shape, as far as it is known, is this one but for the first dimension.
    #[inline]
    pub fn row(&mut self, array: &Array<'a>) -> &mut Self {
        let row = array.known_shape().and_then(|shape| shape.get(1..));
        self.of_shape(Shape::new(Compared::Row, row))
    }

    #[inline]
    fn of_shape(&mut self, shape: Shape<'a>) -> &mut Self {
        self.header.subject = shape.number;
        self.shape = Some(shape);
        self
    }

    /// All ranks must pass this operator.
    #[inline]
    pub fn op(&mut self, op: ReduceOp) -> &mut Self {
        self.header.op = op.code() as u8;
        self
    }

    /// All ranks must pass this root.
    #[inline]
    pub fn root(&mut self, root: i32) -> &mut Self {
        self.header.root = root;
        self
    }

    /// All ranks must pass the container with this identity.
    #[inline]
    pub fn container(&mut self, id: u64) -> &mut Self {
        self.header.subject = id;
        self
    }

    /// All ranks must pass this number as the argument `name`.
    pub fn argument(&mut self, name: &'static str, value: i64) -> &mut Self {
        self.with(Argument { name, value: value as u64, meaning: Meaning::Value(contract::number) })
    }

    /// All ranks must pass this truth value as the argument `name`.
    pub fn flag(&mut self, name: &'static str, value: bool) -> &mut Self {
        let meaning = Meaning::Value(|value| (value != 0).to_string());
        self.with(Argument { name, value: u64::from(value), meaning })
    }

    /// All ranks must pass this value of an enumeration as the argument `name`.
    pub fn choice<E: SpecEnum>(&mut self, name: &'static str, value: E) -> &mut Self {
        let meaning = Meaning::Value(contract::name_of::<E>);
        self.with(Argument { name, value: value.code() as u64, meaning })
    }

    /// All ranks must pass the container with this identity as the argument `name`.
    pub fn other_container(&mut self, name: &'static str, id: u64) -> &mut Self {
        self.with(Argument { name, value: id, meaning: Meaning::Value(identity::in_words) })
    }

    /// All ranks must pass these numbers as the argument `name`, which has one for each dimension. What is compared is a number
    /// made of them, as there is no room for all; they are sent when they differ.
    pub fn list(&mut self, name: &'static str, values: impl IntoIterator<Item = i64>) -> &mut Self {
        self.with_numbers(name, values.into_iter().collect(), contract::number)
    }

    /// All ranks must pass these values of an enumeration as the argument `name`, which has one for each dimension.
    pub fn choices<E: SpecEnum>(&mut self, name: &'static str, values: &[E]) -> &mut Self {
        let codes = values.iter().map(|value| i64::from(value.code())).collect();
        self.with_numbers(name, codes, contract::name_of::<E>)
    }

    fn with_numbers(&mut self, name: &'static str, numbers: Vec<i64>, text: fn(u64) -> String) -> &mut Self {
        let digest = digest(&numbers);
        self.with(Argument { name, value: digest, meaning: Meaning::Numbers(numbers, text) })
    }

    fn with(&mut self, argument: Argument) -> &mut Self {
        self.arguments.push(argument);
        self
    }

    /// The context that the call is on.
    #[inline]
    pub fn context(&self) -> &'a Context {
        self.context
    }

    /// Passes on what this rank has prepared. An error is first told to the other ranks, in their place of the fixed round,
    /// so that all of them return the same one; they learn of it when they come to their next message. Without the check the
    /// other ranks may come to no round, and this one leaves them.
    #[inline]
    pub async fn admit<T>(&self, prepared: Result<T>) -> Result<T> {
        self.enter()?;
        match prepared {
            Ok(value) => Ok(value),
            Err(error) => Err(self.refuse(error).await),
        }
    }

    /// Whether the operation may begin on this rank. It may not inside a function of a reduction, and not on a context that is closed,
    /// of which the other ranks know already.
    #[inline]
    pub(crate) fn enter(&self) -> Result<()> {
        if !self.is_alone() {
            refuse_inside_function().map_err(|error| error.of(self.operation))?;
        }
        if self.context.is_open() { Ok(()) } else { Err(self.not_open()) }
    }

    /// Whether this rank is the only one: it then has nobody to agree with.
    #[inline]
    pub(crate) fn is_alone(&self) -> bool {
        self.context.endpoint().size() == 1
    }

    /// The fixed round: sends `payload` to all ranks and returns everybody's, provided that all call the same operation with
    /// the same values and none has found an error. Without the check only the payload counts.
    pub(crate) async fn exchange(&self, payload: &[u8]) -> Result<Round> {
        let mut message = Message::new(self.header);
        for argument in &self.arguments {
            message.push(&argument.value.to_le_bytes());
        }
        message.push(payload);
        if self.is_alone() {
            return self.round_alone(message);
        }
        let messages = self.send_round(message).await?;
        if messages.iter().any(|message| message.header.refused != 0) {
            return Err(Box::pin(self.learn_refusal(&messages, "")).await);
        }
        // Nearly always everything is equal: no sentences are prepared then, and no room is kept for what makes them.
        if self.is_checked && !contract::is_kept(&messages, self.arguments.len()) {
            let tell = async |numbers: &[i64]| self.tell_numbers(numbers).await;
            Box::pin(contract::compare(&messages, self.shape.as_ref(), &self.arguments, tell)).await?;
        }
        Ok(Round { messages, arguments: self.arguments.len() * Argument::SIZE })
    }

    /// The round of a rank that has nobody to agree with.
    fn round_alone(&self, message: Message) -> Result<Round> {
        if !self.context.is_open() {
            return Err(self.not_open());
        }
        observe::round(self.operation, 0);
        Ok(Round { messages: vec![message], arguments: self.arguments.len() * Argument::SIZE })
    }

    /// The fixed round where there is nothing to send: the ranks agree on what they are about to move. Without the check it is
    /// left out, and the call only waits for its turn.
    pub(crate) async fn agree(&self) -> Result<()> {
        if self.is_checked {
            return self.exchange(&[]).await.map(drop);
        }
        if !self.context.is_open() {
            return Err(self.not_open());
        }
        self.take_turn().await.map(drop)
    }

    /// The bytes that have room in the payload of the fixed round.
    pub(crate) fn room(&self) -> usize {
        PAYLOAD - self.arguments.len() * Argument::SIZE
    }

    /// A second agreement within the call: passes on what this rank has prepared if every rank could prepare its part. All ranks come
    /// to it, with the check or without.
    pub(crate) async fn agree_to_go_on<T>(&self, prepared: Result<T>) -> Result<T> {
        match prepared {
            Ok(value) => self.exchange(&[]).await.map(|_| value),
            Err(error) => Err(Box::pin(self.tell(error.of(self.operation))).await),
        }
    }

    /// The fixed round of what each rank has computed, if all ranks could. All come to it, with the check or without.
    pub(crate) async fn exchange_computed(&self, computed: Result<[u8; 8]>) -> Result<Round> {
        match computed {
            Ok(payload) => self.exchange(&payload).await,
            Err(error) => Err(Box::pin(self.tell(error.of(self.operation))).await),
        }
    }

    /// A contract error with this explanation, which every rank must come to by itself.
    pub(crate) fn contract_error(&self, explanation: &str) -> Error {
        contract::broken(format!("{}: {explanation}", self.operation.name()))
    }

    /// Asserts that the ranks agree on data type and count: what follows relies on it for the size of memory.
    pub(crate) fn assert_agreed(&self, dtype: Dtype, count: usize) {
        assert!(
            (self.header.dtype, self.header.count) == (dtype.code() as u8, count as u64),
            "the specification of {} must list dtype and count among what ranks agree on",
            self.operation.name()
        );
    }

    /// Moves blocks of `bytes` bytes between all ranks, from now on and until the future is over. Comes after an `exchange` or
    /// `agree`.
    ///
    /// # Safety
    /// `send` and `receive` must be memory as `transport::Start` describes it until the future is over or dropped; all ranks
    /// must pass the same pattern and size.
    pub(crate) unsafe fn transfer(
        &self,
        pattern: Pattern,
        bytes: usize,
        send: Blocks,
        receive: Blocks,
    ) -> impl Future<Output = Result<()>> + use<'a> {
        let start = Start { pattern, bytes, send, receive };
        movement::count(self.operation, self.context.endpoint(), &start);
        // SAFETY: the blocks stay as `Start` describes them until the future is over or dropped, and all ranks pass the
        // same pattern and size, both of which the caller guarantees.
        unsafe { self.arrival(start) }
    }

    /// # Safety
    /// As for `transfer`, and the ranks must agree on what is started.
    unsafe fn arrival(&self, start: Start) -> Arrival<'a> {
        let endpoint = self.context.endpoint();
        // SAFETY: the memory of `start` stays until the arrival is over or dropped, and the ranks agree on the movement,
        // both of which the caller guarantees.
        Arrival::new(endpoint, self.operation, unsafe { Movement::begin(endpoint, start) })
    }

    /// The fixed round, and then a block of its own size from each rank to each rank.
    ///
    /// # Safety
    /// There is one place for each rank on both sides, readable and writable until this returns, that do not overlap; what a
    /// rank sends to another is as large as what that receives from it. What is only sent may be the same for several ranks.
    pub(crate) async unsafe fn exchange_blocks(&self, send: &[Place], receive: &[Place]) -> Result<()> {
        // SAFETY: the caller guarantees that the places are there until this returns and do not overlap, and that what one
        // rank sends is as large as what the other receives.
        unsafe { self.complete(self.begin_blocks(self.context, send, receive).await?).await }
    }

    /// The beginning of [`Call::exchange_blocks`], whose blocks move on `carrier`: this call's context, or a twin of it, on which
    /// nothing else moves before the end, while this context is free for other calls.
    ///
    /// # Safety
    /// As for `exchange_blocks`, until `complete` returns for what this gives, or for ever.
    pub(crate) async unsafe fn begin_blocks(
        &self,
        carrier: &Context,
        send: &[Place],
        receive: &[Place],
    ) -> Result<Underway> {
        let largest = send.iter().map(|place| place.bytes as u64).max().unwrap_or_default();
        let round = self.exchange(&largest.to_le_bytes()).await?;
        let sizes = round.payloads().map(|payload| {
            payload.try_into().map(u64::from_le_bytes).expect("each rank sends the size of a block")
        });
        let bytes = sizes.max().unwrap_or_default() as usize;
        // SAFETY: the caller guarantees the places until `complete` returns; all ranks have the same largest size, which
        // comes from the round.
        Ok(unsafe { self.begin_sized_blocks(carrier, bytes, send, receive) })
    }

    /// The movement of [`Call::exchange_blocks`] by itself, where all ranks know that no block has more than `bytes` bytes.
    ///
    /// # Safety
    /// As for `exchange_blocks`; all ranks must pass the same number of bytes.
    pub(crate) async unsafe fn transfer_blocks(
        &self,
        bytes: usize,
        send: &[Place],
        receive: &[Place],
    ) -> Result<()> {
        // SAFETY: the caller guarantees that the places are there until this returns, and that all ranks pass the same
        // number of bytes.
        unsafe { self.complete(self.begin_sized_blocks(self.context, bytes, send, receive)).await }
    }

    /// # Safety
    /// As for `begin_blocks`; all ranks must pass the same number of bytes.
    unsafe fn begin_sized_blocks(
        &self,
        carrier: &Context,
        bytes: usize,
        send: &[Place],
        receive: &[Place],
    ) -> Underway {
        let (send, receive) = (Blocks::placed(send), Blocks::placed(receive));
        let whole = Start { pattern: Pattern::Exchange, bytes, send, receive };
        movement::count(self.operation, carrier.endpoint(), &whole);
        // SAFETY: the places stay until `complete` returns for this movement, or for ever, and all ranks pass the same
        // number of bytes, both of which the caller guarantees.
        let movement = unsafe { Movement::begin(carrier.endpoint(), whole) };
        Underway { carrier: carrier.clone(), movement }
    }

    /// Waits for what has begun.
    ///
    /// # Safety
    /// The blocks must be there still.
    pub(crate) async unsafe fn complete(&self, underway: Underway) -> Result<()> {
        let Underway { carrier, movement } = underway;
        // SAFETY: `begin_sized_blocks` has begun the movement, and the caller guarantees that its blocks are there still.
        Arrival::new(carrier.endpoint(), self.operation, movement).await
    }

    /// This rank's end of a new communicator of `members`; `None` without members. Comes after an `exchange`. Nobody has it
    /// unless all have: whoever is in it would wait for those who are not.
    pub(crate) async fn split(&self, members: &[i32]) -> Result<Option<Endpoint>> {
        self.agree_to_hold(self.context.endpoint().split(self.operation.name(), members)).await
    }

    /// Makes this rank's part of something that all ranks make together and only all of them can free; its hold on that. Nobody has
    /// one unless all have.
    pub async fn hold(&self, make: impl FnOnce() -> Result<Box<dyn FreedTogether>>) -> Result<Arc<Hold>> {
        self.take_turn().await?;
        let holds = self.context.endpoint().hold();
        let made = make().map(|part| holds.add(Some(part))).inspect_err(|_| holds.add_failed());
        self.agree_to_hold(made).await
    }

    /// The agreement on what all ranks have made, which each has added to its hold on the context; an agreed point.
    async fn agree_to_hold<T>(&self, made: Result<T>) -> Result<T> {
        match made {
            Ok(value) => self.free_released(self.context.endpoint().hold()).await.map(|()| value),
            Err(error) => Err(Box::pin(self.tell(error.of(self.operation))).await),
        }
    }

    /// An agreed point: a round in which the ranks tell each other what they have let go of what was made within `hold`, and after
    /// which they free what all have let go. All ranks come to it, with the check or without.
    pub(crate) async fn free_released(&self, hold: &Hold) -> Result<()> {
        let round = self.exchange(&hold.released(self.room())).await?;
        hold.free(round.payloads(), self.context.endpoint().settings().timeout);
        Ok(())
    }

    /// Sends a message to all ranks and gives everybody's.
    async fn send_round(&self, mut message: Message) -> Result<Vec<Message>> {
        if !self.context.is_open() {
            return Err(self.not_open());
        }
        let endpoint = self.context.endpoint();
        let number = self.take_turn().await?;
        message.header.sequence = number;
        let mut messages = vec![message; endpoint.size() as usize];
        let are_many = self.is_checked && messages.len() > endpoint.settings().most_that_tell;
        let told = if are_many && self.all_say(&message).await? {
            message.unknown(self.arguments.len() * Argument::SIZE)
        } else {
            0..size_of::<Message>()
        };
        let memory = messages.as_mut_ptr().cast::<u8>().wrapping_add(told.start);
        let receive = Blocks::to(memory, size_of::<Message>());
        let send = Blocks::from(receive.of(endpoint.rank() as usize), 0);
        let start = Start { pattern: Pattern::Allgather, bytes: told.len(), send, receive };
        if told.len() == size_of::<Message>() {
            observe::round(self.operation, messages.len() - 1);
        } else {
            movement::count(self.operation, endpoint, &start);
        }
        // SAFETY: there is a message for each rank, of which a part of this one's is sent; all ranks know that part to be of the
        // same size.
        unsafe { self.arrival(start).await? };
        endpoint.note_call(number, self.operation);
        Ok(messages)
    }

    /// Whether all ranks are about to send this message, but for what they pass in the payload, which has one length. They compare
    /// a number made of it: the bits of all are those of each, and so are the bits that are not set.
    async fn all_say(&self, message: &Message) -> Result<bool> {
        let digest = message.digest(self.arguments.len() * Argument::SIZE);
        let own = [digest, !digest];
        let mut common = [0; 2];
        let (send, receive) =
            (Blocks::from(own.as_ptr().cast(), 0), Blocks::to(common.as_mut_ptr().cast(), 0));
        let start = Start { pattern: Pattern::And, bytes: size_of_val(&own), send, receive };
        movement::count(self.operation, self.context.endpoint(), &start);
        // SAFETY: both are as large as is said, on all ranks, and stay until this is over.
        unsafe { self.arrival(start).await? };
        Ok(common == own)
    }

    /// The numbers of every rank, as many of them as there can be dimensions and one that counts them.
    #[cold]
    async fn tell_numbers(&self, own: &[i64]) -> Result<Vec<Vec<i64>>> {
        let size = self.context.endpoint().size() as usize;
        let mut letter = [0; 2 + MAX_TENSOR_RANK as usize];
        let count = own.len().min(letter.len() - 1);
        letter[0] = count as i64;
        letter[1..=count].copy_from_slice(&own[..count]);
        let mut letters = vec![letter; size];
        let bytes = size_of_val(&letter);
        let send = Blocks::from(letter.as_ptr().cast(), 0);
        let receive = Blocks::to(letters.as_mut_ptr().cast(), bytes);
        // SAFETY: one letter is sent and `size` letters fit; they have the same size on all ranks.
        unsafe { self.transfer(Pattern::Allgather, bytes, send, receive).await? };
        Ok(letters.into_iter().map(|letter| letter[1..=letter[0] as usize].to_vec()).collect())
    }

    /// Waits for the call's turn; gives its number among the calls on the context.
    async fn take_turn(&self) -> Result<u32> {
        if let Some((_, number)) = self.turn.get() {
            return Ok(*number);
        }
        let turn = self.context.endpoint().take_turn(self.operation.name()).await?;
        let number = turn.begin();
        Ok(self.turn.get_or_init(|| (turn, number)).1)
    }

    #[cold]
    fn not_open(&self) -> Error {
        self.context.why_not_open().of(self.operation)
    }

    /// Whether the other ranks have had, or may have had, a message of this call.
    fn has_begun(&self) -> bool {
        self.turn.get().is_some()
    }

    /// Tells the other ranks of this rank's error, and gives the error that all ranks report.
    #[cold]
    pub(crate) fn refuse(&self, error: Error) -> Pin<Box<dyn Future<Output = Error> + '_>> {
        // In memory of its own, so that nobody else keeps room for what nearly never happens.
        Box::pin(self.tell_refusal(error))
    }

    async fn tell_refusal(&self, error: Error) -> Error {
        if !self.is_checked && !self.is_alone() {
            return self.leave_with(error);
        }
        self.tell(error.of(self.operation)).await
    }

    /// Leaves the context, as the other ranks may be where nothing can be told to them; returns the error of this rank.
    fn leave_with(&self, error: Error) -> Error {
        let error = error.of(self.operation);
        if self.is_alone() {
            return error;
        }
        self.context.leave();
        error.found_on(self.context.endpoint().rank())
    }

    /// Tells the other ranks of this rank's error, in a round that they come to.
    #[cold]
    async fn tell(&self, error: Error) -> Error {
        if self.is_alone() {
            return error;
        }
        let text = error.message().as_bytes();
        let mut message = Message::new(Header { refused: 1, ..self.header });
        message.push(&error.status().code().to_le_bytes());
        message.push(&(text.len() as u32).to_le_bytes());
        message.push(&text[..text.len().min(PAYLOAD - REFUSAL_HEAD)]);
        match self.send_round(message).await {
            Ok(messages) => self.learn_refusal(&messages, error.message()).await,
            Err(failure) => failure,
        }
    }

    /// The error of the first rank that refused, which this rank's own text is if it was this one.
    async fn learn_refusal(&self, messages: &[Message], own_text: &str) -> Error {
        let refused = |rank: &i32| messages[*rank as usize].header.refused != 0;
        let ranks: Vec<i32> = (0..self.context.endpoint().size()).filter(refused).collect();
        let head = messages[ranks[0] as usize].payload();
        let number = |at: usize| i32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let status = Status::from_code(number(0)).unwrap_or(Status::CollectiveParticipation);
        let length = number(4) as usize;
        let text = match head[REFUSAL_HEAD..].get(..length) {
            Some(text) => text.to_vec(),
            None => match self.broadcast_text(ranks[0], own_text, length).await {
                Ok(text) => text,
                Err(failure) => return failure,
            },
        };
        let message = format!("{} (found on {})", String::from_utf8_lossy(&text), Ranks(&ranks));
        Error::new(status, message).found_on(ranks[0])
    }

    async fn broadcast_text(&self, root: i32, own_text: &str, length: usize) -> Result<Vec<u8>> {
        let mut text = if self.context.endpoint().rank() == root { own_text.into() } else { vec![0; length] };
        let blocks = Blocks::to(text.as_mut_ptr(), 0);
        // SAFETY: the text has `length` bytes on every rank, as the root said in the round.
        unsafe { self.transfer(Pattern::Broadcast { root }, length, blocks, blocks).await? };
        Ok(text)
    }
}

/// Bytes of a refusal's payload before its text: the status and the length of the whole text.
const REFUSAL_HEAD: usize = 8;
